import RucheCore
import Testing

@Suite struct PackerTemplateTests {
    private static let template = #"""
        {
          "variables": {"iso": null, "scripts": "setup", "home": "{{env `HOME`}}", "plain": "x"},
          "builders": [
            {"type": "qemu", "iso_url": "{{user `iso`}}", "http_directory": "http", "floppy_files": ["floppy/*.xml"],
             "output_directory": "out"},
            {"type": "virtualbox-iso", "name": "box"}
          ],
          "provisioners": [
            {"type": "shell", "scripts": ["{{user `scripts`}}/one.sh", "{{template_dir}}/two.sh"]},
            {"type": "shell", "script": "{{build_name}}.sh"},
            {"type": "file", "source": "upload.txt", "destination": "/tmp/upload.txt"},
            {"type": "file", "direction": "download", "source": "guest.txt", "destination": "got.txt"},
            {"type": "ansible", "playbook_file": "ansible/site.yml"}
          ],
          "post-processors": [[{"type": "vagrant", "output": "made.box", "vagrantfile_template": "../Vagrantfile"}]]
        }
        """#

    private func read(_ text: String = template) throws -> PackerTemplate {
        let (template, problems) = PackerTemplate.read(text, file: "t.json")
        #expect(problems.isEmpty)
        return try #require(template)
    }

    @Test func knowsBuildersAndVariables() throws {
        let template = try read()
        #expect(template.builders.map(\.name) == ["qemu", "box"])
        #expect(template.variables.keys.sorted() == ["home", "iso", "plain", "scripts"])
        #expect(template.variables["iso"] == .some(nil))
    }

    @Test func findsTheFilesThatItNames() throws {
        let files = try read().files(in: "win", values: ["scripts": "other"])
        let paths = files.filter(\.isNeeded).map(\.path)
        #expect(
            paths == [
                "win/http", "win/other/one.sh", "win/two.sh", "win/upload.txt", "win/ansible/site.yml",
                "win/ansible", "Vagrantfile",
            ])
        // All that is beside a name with a star; nothing of the guest's, and nothing that a function makes.
        #expect(files.contains { $0.path == "win/floppy" })
        #expect(!files.contains { $0.path.contains("guest.txt") || $0.path.contains("build_name") })
        #expect(files.first { $0.path == "win/two.sh" }?.place.line == 9)
    }

    @Test func tellsWhatStandsAgainstIt() throws {
        let template = try read()
        let problems = template.problems(PackerContract(), in: ".", values: [:])
        #expect(problems.map(\.path).contains("variables.iso"))
        #expect(problems.contains { $0.path == "variables.home" && $0.found == "\"HOME\"" && $0.line == 2 })
        #expect(problems.contains { $0.path.hasSuffix("vagrantfile_template") && $0.message.contains("leads out") })
        #expect(problems.count == 3, "\(problems)")
        var contract = PackerContract()
        (contract.secrets, contract.builder) = (["iso"], "box")
        #expect(template.problems(contract, in: "win", values: ["home": "/x"]).isEmpty)
        #expect(template.unknownNames(contract).isEmpty)
        contract.builder = "vmware"
        contract.variables = ["colour": "red"]
        contract.secrets = ["word"]
        #expect(
            template.unknownNames(contract).map(\.keyPath) == [
                "packer.builder", "packer.variables.colour", "packer.secrets[0]",
            ])
        #expect(template.unknownNames(PackerContract()).first?.allowed == "builder: one of qemu, box")
    }

    @Test(arguments: [
        ("/srv/out", true), ("a/../../b", true), ("out-{{timestamp}}", false), ("{{user `place`}}", true),
    ])
    func outputsStayInTheFolderOfTheBuild(output: String, isRefused: Bool) throws {
        let template = try read(
            #"{"variables": {"place": "/home"}, "builders": [{"type": "qemu", "output_directory": "\#(output)"}]}"#)
        let problems = template.problems(PackerContract(), in: ".", values: [:])
        #expect(problems.isEmpty != isRefused)
        if isRefused { #expect(problems[0].path == "builders[0].output_directory" && problems[0].line == 1) }
    }

    @Test(arguments: [
        ("{\"builders\": [}", 1, "not valid JSON"), ("{}", 1, "no builder"), ("{\n\"builders\": []}", 2, "no builder"),
        ("[]", 1, "wrong type"), ("{\"builders\": [{\"name\": \"a\"}]}", 1, "required key is missing"),
        ("{\"builders\": [{\"type\": \"qemu\"}],\n\"provisioner\": []}", 2, "did you mean \"provisioners\""),
        ("{\"builders\": [{\"type\": \"qemu\"},\n{\"type\": \"qemu\"}]}", 2, "the name of another builder"),
        ("{\"builders\": [{\"type\": \"qemu\"}],\n\"variables\": {\"a\": [1]}}", 2, "text, or null"),
    ])
    func whatIsNoTemplateIsToldWithItsPlace(text: String, line: Int, words: String) {
        let problems = PackerTemplate.read(text, file: "t.json").problems
        #expect(problems.count == 1)
        #expect(problems.first?.file == "t.json" && problems.first?.line == line)
        #expect("\(problems)".contains(words), "\(problems)")
    }

    @Test func commentsAreNoKeys() throws {
        #expect(try read(#"{"_comment": "x", "builders": [{"type": "file"}]}"#).builders.count == 1)
    }
}

@Suite struct PackerOutputTests {
    @Test func readsLinesAndTheLastArtifactOfABuild() throws {
        var output = PackerOutput()
        #expect(
            output.read("1600000000,,ui,say,one%!(PACKER_COMMA) two\\nthree")
                == .text("one, two\nthree", isError: false))
        #expect(output.read("1600000000,,ui,error,bad") == .text("bad", isError: true))
        #expect(output.read("1600000000,,error-count,1") == .other)
        #expect(output.read("1,2,3 and 4,5") == .text("1,2,3 and 4,5", isError: false))
        #expect(output.read("panic: no") == .text("panic: no", isError: false))
        for line in [
            "1600000000,a,artifact,0,file,0,out/disk.qcow2", "1600000000,a,artifact,0,end",
            "1600000000,a,artifact,1,file,0,made.box",
            "1600000000,a,artifact,1,file,1,made.sha256",
        ] {
            #expect(output.read(line) == .other)
        }
        #expect(output.files == ["made.box", "made.sha256"])
        #expect(try output.disk(remedy: "choose") == "made.box")
        _ = output.read("1600000000,b,artifact,0,file,0,other")
        let error = #expect(throws: RucheError.self) { try output.disk(remedy: "choose") }
        #expect(error?.message.contains("2 disks (made.box, made.sha256, other): choose") == true)
        #expect(throws: RucheError.self) { try PackerOutput().disk(remedy: "choose") }
    }
}
