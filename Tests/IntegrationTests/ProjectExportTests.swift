import RucheCore
import RucheHost
import SystemPackage
import Testing

/// What is written for Ansible, Packer and Vagrant is taken by them, and does what the recipe says.
@Suite struct ProjectExportTests {
    private static let steps = """
          - shell: {run: "echo {{ not a template }} > /pipeline/text", env: {A: "b c"}}
          - shell: scripts/setup.sh
        env: {LANG: C.UTF-8, TEXT: "two words"}
        tests: ["grep -q template /pipeline/text", "test -x /pipeline/job/run.sh"]
        """

    private func build(_ fixture: RucheFixture) async throws {
        let folder = try await fixture.busyboxRecipe()
        let name = try #require(folder.lastComponent?.string)
        let text = String(decoding: try AtomicFile.read(folder.appending("ruche.yaml")), as: UTF8.self)
        try fixture.write("\(name)/ruche.yaml", text.replacing("pipeline:\n", with: Self.steps + "\npipeline:\n"))
        try fixture.write("\(name)/scripts/setup.sh", "#!/bin/sh\necho done > /pipeline/setup\n", executable: true)
        try await fixture.ruche("build", folder.string)
    }

    private func tool(_ fixture: RucheFixture, _ folder: String, _ name: String, _ arguments: String...) async throws {
        let environment = [
            "HOME": fixture.folder.string, "CHECKPOINT_DISABLE": "1", "VAGRANT_CHECKPOINT_DISABLE": "1",
            "VAGRANT_HOME": fixture.folder.appending("vagrant").string, "ANSIBLE_NOCOLOR": "1",
        ]
        let result = try await fixture.runner.run(
            Command(
                name, arguments, environment: environment, workingDirectory: fixture.folder.appending(folder)),
            onLine: nil)
        #expect(result.status.isSuccess, "\(name) \(arguments)\n\(result.output)\n\(result.errorTail)")
    }

    @Test func ansibleAndPackerTakeWhatIsWritten() async throws {
        try await RucheFixture.with { fixture in
            try await build(fixture)
            try await fixture.ruche("export", "ansible", "test/tiny", "-o", "ansible")
            try await tool(
                fixture, "ansible", "ansible-playbook", "--syntax-check", "-i", "localhost,", "ruche-playbook.yml")
            let packer = try await fixture.ruche("export", "packer", "test/tiny", "-o", "packer")
            #expect(packer.errorTail.contains("starts from tar:root.tar"))
            try await tool(fixture, "packer", "packer", "validate", "ruche-packer.json")
            try await fixture.ruche("export", "vagrant", "test/tiny", "-o", "vagrantfile", code: 2)
            // Nothing is written over, and nothing is left of what failed.
            try await fixture.ruche("export", "packer", "test/tiny", "-o", "packer", code: 4)
            try await fixture.ruche("export", "packer", "test/none", "-o", "none", code: 3)
            #expect(try FileTree.names(in: fixture.folder).filter { $0.hasPrefix(".export") || $0 == "none" }.isEmpty)
        }
    }

    /// Every kind of step, on a machine that starts from another environment's recipe.
    @Test func everyStepIsTaken() async throws {
        try await RucheFixture.with { fixture in
            try fixture.write("r/requirements.txt", "-r more/other.txt\n")
            try fixture.write("r/more/other.txt", "six\n")
            try fixture.write("r/ansible/play.yml", "- hosts: all\n  roles: [one]\n")
            try fixture.write("r/ansible/roles/one/tasks/main.yml", "- ansible.builtin.command: \"true\"\n")
            let recipe = try fixture.write(
                "r/ruche.yaml",
                """
                ruche: 1
                name: lab/desk
                version: 1.0.0
                from: debian:bookworm
                steps:
                  - apt: {packages: [python3-venv, bwa/bookworm, "samtools=1.16.1-1"], recommends: true}
                  - pip: {packages: ["numpy>=1,<3"], requirements: requirements.txt, venv: /opt/venv}
                  - copy: {from: requirements.txt, to: /opt/, owner: "1000:1000"}
                  - shell: {run: "x <- 1", interpreter: [Rscript, --vanilla]}
                  - ansible: {playbook: ansible/play.yml, roles: ansible/roles, extra_vars: {a: [1, "{{ b }}"]}}
                env: {A: "b c"}
                workdir: /srv/work
                machine: {disk: 18G, memory: 2G, cpus: 2}
                variants: [qcow2]
                """)
            let part = RecipePart(
                recipe: try RecipeFolder.load(recipe).document.recipe, folder: "",
                requirements: [1: ["more/other.txt", "requirements.txt"]])
            let packer = try PackerExport.project([part])
            for project in [AnsibleExport.project([part]), packer] {
                for (name, text) in project.files { try fixture.write("r/\(name)", text) }
            }
            let template = try #require(packer.files["ruche-packer.json"])
            #expect(template.contains("\"disk_size\": \"18432M\"") && template.contains("\"cpus\": 2"))
            try await tool(
                fixture, "r", "ansible-playbook", "--syntax-check", "-i", "localhost,", "ruche-playbook.yml")
            try await tool(fixture, "r", "packer", "validate", "ruche-packer.json")
        }
    }

    @Test func vagrantTakesTheVagrantfile() async throws {
        try await RucheFixture.with { fixture in
            let version = try #require(ReleaseVersion("1.0.0"))
            var service = ServiceContract()
            service.ports = [8080]
            let project = VagrantExport.project(
                name: try #require(EnvironmentName("lab/desk")), version: version,
                address: "https://ruche.example.org/lab/desk", machine: MachineContract(), service: service)
            for (name, text) in project.files { try fixture.write("v/\(name)", text) }
            try await tool(fixture, "v", "vagrant", "validate", "--ignore-provider")
        }
    }

    /// On this machine, below a folder of the test.
    @Test func thePlaybookMakesWhatTheRecipeMakes() async throws {
        try await RucheFixture.with { fixture in
            let place = fixture.folder.appending("target").string
            try fixture.write("r/job/run.sh", "#!/bin/sh\necho run\n", executable: true)
            try fixture.write("r/job/deep/data", "data\n")
            try fixture.write("r/setup.sh", "mkdir -p \(place)/s; echo \"$WHO\" > \(place)/s/who\n")
            try fixture.write(
                "r/play.yml",
                "- hosts: all\n  gather_facts: false\n  tasks:\n    - copy: {content: \"{{ word }}\", dest: \(place)/word}\n"
            )
            let recipe = try fixture.write(
                "r/ruche.yaml",
                """
                ruche: 1
                name: lab/desk
                version: 1.0.0
                from: debian:bookworm
                steps:
                  - copy: {from: job/, to: \(place)/job, mode: "0750"}
                  - shell: {script: setup.sh, env: {WHO: "two words"}}
                  - ansible: {playbook: play.yml, extra_vars: {word: "it's {so}"}}
                  - shell: {run: "printf '%s' '{{ x }}' > \(place)/inline", interpreter: [bash, -e]}
                tests: ["test -x \(place)/job/run.sh", "test \\"$(cat \(place)/inline)\\" = '{{ x }}'"]
                """)
            var loaded = try RecipeFolder.load(recipe).document.recipe
            // What is a folder is known by its slash.
            loaded.steps[0] = .copy(CopyStep(from: "job/", to: "\(place)/job", mode: 0o750))
            let project = AnsibleExport.project([RecipePart(recipe: loaded, folder: "")])
            for (name, text) in project.files { try fixture.write("r/\(name)", text) }
            try await tool(
                fixture, "r", "ansible-playbook", "-i", "localhost,", "-c", "local", "ruche-playbook.yml")
            #expect(try text(place, "s/who") == "two words\n")
            #expect(try text(place, "word") == "it's {so}")
            #expect(try text(place, "inline") == "{{ x }}")
            #expect(try text(place, "job/deep/data") == "data\n")
            #expect(
                try await fixture.tool("stat", "-c", "%a", "\(place)/job/run.sh", "\(place)/job/deep") == "750\n750\n")
            #expect(!FileTree.exists("/tmp/ruche-export"))
        }
    }

    private func text(_ folder: String, _ name: String) throws -> String {
        String(decoding: try AtomicFile.read(FilePath(folder).pushing(FilePath(name))), as: UTF8.self)
    }
}
