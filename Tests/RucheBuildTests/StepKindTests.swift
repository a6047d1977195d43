import RucheCore
import RucheHost
import RucheImages
import Support
import SystemPackage
import Testing

@testable import RucheBuild

/// Each kind of step and base that the other suites do not need.
@Suite(.enabled(if: Machine.canBuild, "needs root, runc and mmdebstrap"), .serialized)
struct StepKindTests {
    @Test(.enabled(if: Tool.find("ansible-playbook") != nil, "needs ansible-playbook"))
    func ansibleRunsInTheImageAndLeavesNothing() async throws {
        try await Machine.withFolder { folder in
            let site = try await SharedBase.shared.site(in: folder)
            try site.write(
                """
                - hosts: all
                  gather_facts: true
                  tasks:
                    - name: write a file
                      copy: {content: "{{ word }}\\n", dest: /etc/from-ansible, mode: "0640"}
                    - name: use a template
                      template: {src: greeting.j2, dest: /etc/greeting}
                """, to: "ansible/playbook.yml")
            try site.write("hello {{ ansible_distribution }}\n", to: "ansible/greeting.j2")
            let request = try site.request {
                $0.steps = [
                    .apt(AptStep(packages: ["python3"])),
                    .ansible(AnsibleStep(playbook: "ansible/playbook.yml", extraVars: ["word": "salut"])),
                ]
            }
            let result = try await site.build(request)
            let layer = try #require(try await site.layerFolders(result.release).last)
            #expect(try AtomicFile.read(layer.appending("etc/from-ansible")) == Array("salut\n".utf8))
            #expect(try AtomicFile.read(layer.appending("etc/greeting")) == Array("hello Debian\n".utf8))
            let found = try await SystemCommandRunner().run(
                Command("find", [layer.string, "-name", "*ansible*"]), onLine: nil)
            #expect(found.output == layer.appending("etc/from-ansible").string + "\n")

            try site.write("- hosts: all\n  tasks: [{fail: {msg: no luck}}]\n", to: "ansible/playbook.yml")
            let error = await #expect(throws: RucheError.self) { try await site.build(request) }
            #expect(error?.code == .buildFailed)
            #expect(error?.details["exit_code"] == "2")
        }
    }

    @Test func ansibleAsksForPythonInTheImage() async throws {
        try await Machine.withFolder { folder in
            let site = try await SharedBase.shared.site(in: folder)
            try site.write("- hosts: all\n", to: "ansible/playbook.yml")
            let request = try site.request { $0.steps = [.ansible(AnsibleStep(playbook: "ansible/playbook.yml"))] }
            let error = await #expect(throws: RucheError.self) { try await site.build(request) }
            #expect(error?.message.contains("python3") == true)
        }
    }

    @Test func pipAsksForPythonInTheImage() async throws {
        try await Machine.withFolder { folder in
            let site = try await SharedBase.shared.site(in: folder)
            let request = try site.request { $0.steps = [.pip(PipStep(packages: ["six"]))] }
            let error = await #expect(throws: RucheError.self) { try await site.build(request) }
            #expect(error?.message.contains("python3-pip") == true)
        }
    }

    @Test func pipHonoursRequirementsConstraintsAndHashes() async throws {
        try await Machine.withFolder { folder in
            let site = try await SharedBase.shared.site(in: folder)
            try site.write("six\n", to: "requirements.txt")
            try site.write("six==1.16.0\n", to: "pins.txt")
            try site.write("six==1.16.0 --hash=sha256:\(String(repeating: "0", count: 64))\n", to: "hashed.txt")
            func request(_ pip: PipStep) throws -> BuildRequest {
                try site.request { $0.steps = [.apt(AptStep(packages: ["python3-pip"])), .pip(pip)] }
            }
            let result = try await site.build(
                try request(PipStep(requirements: "requirements.txt", constraints: "pins.txt")))
            #expect(result.lock.pip.values.first == ["six": "1.16.0"])
            #expect(Set(result.lock.files.keys) == ["requirements.txt", "pins.txt"])
            let error = await #expect(throws: RucheError.self) {
                try await site.build(try request(PipStep(requirements: "hashed.txt")))
            }
            #expect(error?.code == .buildFailed)
            #expect(site.output.contains("HASHES") || site.output.contains("hash"))
        }
    }

    @Test func startsFromARootTarball() async throws {
        try await Machine.withFolder { folder in
            let site = try BuildSite(in: folder)
            let root = folder.appending("root")
            try BusyboxRoot.make(at: root)
            try await SystemCommandRunner().runChecked(
                Command("tar", ["-C", root.string, "-czf", site.recipe.appending("root.tar.gz").string, "."]))
            let request = try site.request {
                $0.from = .rootTarball(path: "root.tar.gz")
                $0.steps = [.shell(ShellStep(source: .inline("echo here > /made")))]
                $0.user = "pipeline"
                $0.tests = ["test -e /made"]
            }
            let result = try await site.build(request)
            #expect(result.builtSteps == 2)
            #expect(try await site.build(request).builtSteps == 0)
        }
    }

    @Test func copyStaysInsideTheImageAndKeepsModes() async throws {
        try await Machine.withFolder { folder in
            let site = try BuildSite(in: folder)
            let root = folder.appending("root")
            try BusyboxRoot.make(at: root)
            try await SystemCommandRunner().runChecked(
                Command("ln", ["-s", "/../../../bin", root.appending("way").string]))
            try await SystemCommandRunner().runChecked(
                Command("tar", ["-C", root.string, "-cf", site.recipe.appending("root.tar").string, "."]))
            try site.write("x", to: "tree/run.sh", mode: 0o750)
            try site.write("y", to: "tree/deep/data")
            let request = try site.request {
                $0.from = .rootTarball(path: "root.tar")
                $0.steps = [
                    .copy(CopyStep(from: "tree", to: "/srv/tree", owner: "pipeline")),
                    .copy(CopyStep(from: "tree/run.sh", to: "/way/")),
                ]
            }
            let layers = try await site.layerFolders(try await site.build(request).release)
            let found = try await SystemCommandRunner().run(
                Command("find", [layers[1].string, "-type", "f", "-printf", "%P %m %U:%G\\n"]), onLine: nil)
            #expect(
                Set(found.output.split(separator: "\n"))
                    == ["srv/tree/run.sh 750 1000:1000", "srv/tree/deep/data 644 1000:1000"])
            #expect(FileTree.exists(layers[2].appending("bin/run.sh")))
        }
    }
}
