import Glibc
import RucheCore
import RucheHost
import RucheWire
import Support
import SystemPackage
import Testing

/// Instances under a real libvirt, by the commands, with a guest of one sector.
@Suite(.enabled(if: Tool.find(Tool.virsh.name) != nil && Tool.find("libvirtd") != nil), .serialized)
struct LibvirtTests {
    static let configuration = "engines:\n  - kind: libvirt\n"

    @Test func aMachineOutlivesTheServerAndLibvirt() async throws {
        try await RucheFixture.with { fixture in
            try fixture.write(".config/ruche/config.yaml", Self.configuration)
            let release = try await fixture.publishTinyGuest()
            try await LibvirtDaemon.with(fixture) { daemon in
                let first = try await ServedProcess.start(fixture)
                let port = try #require(LocalPort.free())
                let up = try await fixture.ruche(
                    "up", release, "--engine", "libvirt", "--name", "one", "--publish", "\(port):80", "--json")
                let ready = try JSONText.whole(InstanceDocument.self, up.output)
                #expect(ready.state == .ready && ready.engine == "libvirt" && ready.firmware == .bios)
                #expect(try await daemon.domains() == [SecureShell.alias(ready.id)])
                try expectNothingOpened(fixture, ready.id)
                try await first.end(SIGKILL)
                try await daemon.crash()
                let second = try await ServedProcess.start(fixture)
                #expect(try await fixture.instance("one").state == .ready)
                try await fixture.ruche("up", release, "--engine", "libvirt", "--publish", "\(port):80", code: 4)
                try await use(fixture, daemon, ready.id)
                try await second.end()
                try await fixture.ruche("instance", "destroy", "one")
                #expect(try await daemon.domains() == [])
                #expect(try isMissingOrEmpty(fixture.data.appending("instances")))
            }
        }
    }

    /// Whoever runs QEMU got open files, and no right to any.
    private func expectNothingOpened(_ fixture: RucheFixture, _ id: Identifier) throws {
        let folder = fixture.data.appending("instances/\(id)")
        var status = stat()
        for (name, mode) in [("", 0o700), ("disk.qcow2", 0o644), ("id_ed25519", 0o600), ("console.log", 0o600)] {
            #expect(stat(folder.appending(name).string, &status) == 0 && status.st_uid == 0)
            #expect(Int(status.st_mode & 0o777) == mode, "\(name)")
        }
        let pid = try #require(try machine(id)).pid
        #expect(stat("/proc/\(pid)", &status) == 0 && status.st_uid != 0)
    }

    /// The QEMU of an instance.
    private func machine(_ id: Identifier) throws -> ProcessIdentity? {
        try FileTree.names(in: "/proc").compactMap { Int32($0) }.first { pid in
            ProcessIdentity.arguments(of: pid).contains { $0.contains("guest=\(SecureShell.alias(id))") }
        }.flatMap { ProcessIdentity(of: $0) }
    }

    private func use(_ fixture: RucheFixture, _ daemon: LibvirtDaemon, _ id: Identifier) async throws {
        #expect(try await fixture.ruche("instance", "logs", "one").output.contains("tiny guest is up"))
        #expect(try await fixture.atConsole(of: "one", until: "leaves it").contains("Ctrl-] leaves it"))
        try await fixture.ruche("instance", "snapshot", "one", "running")
        // Behind our back.
        #expect(try await daemon.virsh("destroy", SecureShell.alias(id)).status.isSuccess)
        try await eventually(within: .seconds(60), "its end is seen") {
            try await fixture.instance("one").state == .stopped
        }
        #expect(try await fixture.instance("one").reason == "somebody ended it in libvirt")
        #expect(try await !daemon.virsh("start", SecureShell.alias(id)).status.isSuccess, "it has no open files")
        try await fixture.ruche("instance", "snapshot", "one", "stopped")
        try await fixture.ruche("instance", "restore", "one", "running")
        try await fixture.ruche("instance", "start", "one")
        try await daemon.away {
            #expect(try await fixture.instance("one").state == .ready, "it is taken to run")
            let check = try await fixture.ruche("engine", "check", "libvirt", code: 9)
            #expect(check.output.contains("failed to connect") && check.output.contains("apt install"), "\(check)")
            let up = try await fixture.run("up", "lab/tiny", "--engine", "libvirt")
            #expect(!up.status.isSuccess && up.errorTail.contains("\"libvirt\" is not ready"), "\(up)")
            #expect(try await fixture.instance("one").state == .ready)
        }
        try await fixture.ruche("engine", "check", "libvirt")
        try #require(try machine(id)).send(SIGKILL)
        try await eventually(within: .seconds(60), "its end is seen") {
            try await fixture.instance("one").state == .stopped
        }
        #expect(try await fixture.instance("one").reason == "its QEMU was killed or crashed")
        try await fixture.ruche("instance", "start", "one")
        try await fixture.ruche("instance", "stop", "--now", "one")
        #expect(try await fixture.instance("one").state == .stopped)
    }

    @Test func aFolderIsSharedByItsOwnerAlone() async throws {
        try await RucheFixture.with { fixture in
            try fixture.write(".config/ruche/config.yaml", Self.configuration)
            let release = try await fixture.publishTinyGuest(cloudInit: true)
            let folder = fixture.folder.appending("shared")
            try FileTree.makeFolder(folder)
            #expect(chown(folder.string, 1234, 1234) == 0)
            try FileTree.setMode(fixture.folder, 0o711)  // its owner gets there
            try await LibvirtDaemon.with(fixture) { daemon in
                let first = try await ServedProcess.start(fixture)
                try await fixture.ruche(
                    "up", release, "--engine", "libvirt", "--name", "one", "--share", "\(folder):/mnt")
                let id = try await fixture.instance("one").id
                let helpers = try fixture.sharing(folder)
                #expect(!helpers.isEmpty)
                for helper in helpers {
                    let status = try await fixture.tool("cat", "/proc/\(helper.pid)/status")
                    for kind in ["Uid", "Gid"] { #expect(status.contains("\(kind):\t1234\t1234\t1234\t1234\n")) }
                }
                #expect(try sockets(id) == [], "nobody else finds it")
                try await first.end(SIGKILL)
                let second = try await ServedProcess.start(fixture)
                #expect(try await fixture.instance("one").state == .ready && fixture.sharing(folder) == helpers)
                try await fixture.ruche("instance", "stop", "--now", "one")
                #expect(try fixture.sharing(folder) == [])
                try await startAgain(fixture, daemon, id, folder)
                try await second.end()
                #expect(try fixture.sharing(folder) != [])
                try await fixture.ruche("instance", "destroy", "one")
                #expect(try fixture.sharing(folder) == [] && sockets(id) == [])
                #expect(try isMissingOrEmpty(fixture.data.appending("instances")))
                #expect(try await daemon.domains() == [])
            }
        }
    }

    private func startAgain(
        _ fixture: RucheFixture, _ daemon: LibvirtDaemon, _ id: Identifier, _ folder: FilePath
    ) async throws {
        let away = FilePath("\(folder).away")
        try AtomicFile.rename(folder, to: away)
        let refused = try await fixture.ruche("instance", "start", "one", code: 2)
        #expect(refused.errorTail.contains("the shared folder \(folder) is not there any more"))
        #expect(try fixture.sharing(folder) == [] && sockets(id) == [])
        try AtomicFile.rename(away, to: folder)
        // As one that was killed meanwhile leaves it.
        try AtomicFile.write([], to: FilePath("/run/ruche/\(SecureShell.alias(id))-share0.sock"))
        try await fixture.ruche("instance", "start", "one")
        #expect(try fixture.sharing(folder) != [])
        #expect(try await daemon.virsh("destroy", SecureShell.alias(id)).status.isSuccess)
        try await eventually(within: .seconds(60), "it ends with the machine") {
            try fixture.sharing(folder) == []
        }
        try await eventually(within: .seconds(60), "its end is seen") {
            try await fixture.instance("one").state == .stopped
        }
        try await fixture.ruche("instance", "start", "one")
    }

    /// Those of an instance that somebody could connect to.
    private func sockets(_ id: Identifier) throws -> [String] {
        guard FileTree.isFolder("/run/ruche") else { return [] }
        return try FileTree.names(in: "/run/ruche").filter { $0.hasPrefix(SecureShell.alias(id)) }
    }

    @Test func aServerKilledWhileItStartsOneLeavesNoHalf() async throws {
        try await RucheFixture.with { fixture in
            try fixture.write(".config/ruche/config.yaml", Self.configuration)
            let release = try await fixture.publishTinyGuest(ssh: true, cloudInit: true)
            let folder = fixture.folder.appending("shared")
            try FileTree.makeFolder(folder)
            try await LibvirtDaemon.with(fixture) { daemon in
                for delay in [200, 600, 1200, nil] {
                    let when = delay.map { "after \($0) ms" } ?? "when its folder is shared"
                    try await killServer(fixture, startingOneOf: release, folder, after: delay)
                    let list = try await fixture.ruche("instance", "list", "--json").output
                    for instance in try JSONText.whole([InstanceDocument].self, list) {
                        #expect([.starting, .failed].contains(instance.state), "\(when): \(instance)")
                        try await fixture.ruche("instance", "destroy", instance.id.description)
                        #expect(try sockets(instance.id) == [], "\(when)")
                    }
                    #expect(try isMissingOrEmpty(fixture.data.appending("instances")), "\(when)")
                    #expect(try fixture.sharing(folder) == [], "\(when)")
                    // What libvirt was told it does, whoever goes away meanwhile; the next start clears it up.
                    try await eventually(within: .seconds(60), "nothing is left: \(when)") {
                        try await fixture.ruche("instance", "list")
                        return try await daemon.domains() == []
                    }
                }
            }
        }
    }

    /// Nil: as soon as a process shares the folder.
    private func killServer(
        _ fixture: RucheFixture, startingOneOf release: String, _ folder: FilePath, after delay: Int?
    ) async throws {
        let served = try await ServedProcess.start(fixture)
        // Not by `ruche up`: late, it would find no server and start the machine itself.
        let request = """
            {"release": "\(release)", "engine": "libvirt", "timeout": 60,
             "shares": [{"source": "\(folder)", "target": "/mnt"}]}
            """
        let socket = fixture.data.appending("run/api.sock").string
        async let up = fixture.runner.run(
            Command(
                "curl", ["-sS", "--unix-socket", socket, "--json", request, "http://localhost/api/v1/instances"],
                environment: ["HOME": fixture.folder.string]), onLine: nil)
        if let delay {
            try await Task.sleep(for: .milliseconds(delay))
        } else {
            do {
                try await eventually(within: .seconds(180), every: .milliseconds(5), "it is shared") {
                    try fixture.sharing(folder) != []
                }
            } catch {
                Issue.record("\(try await up.output) \(try await fixture.ruche("instance", "list", "--json").output)")
                throw error
            }
        }
        try await served.end(SIGKILL)
        _ = try await up
    }

    @Test func whatNobodyKnowsIsEndedAndWhatAnotherServerHasIsNot() async throws {
        try await RucheFixture.with { fixture in
            try fixture.write(".config/ruche/config.yaml", Self.configuration)
            let release = try await fixture.publishTinyGuest()
            try await LibvirtDaemon.with(fixture) { daemon in
                try await fixture.ruche("up", release, "--engine", "libvirt", "--name", "one")
                let name = SecureShell.alias(try await fixture.instance("one").id)
                try await fixture.ruche("instance", "list", "--data", fixture.folder.appending("other").string)
                #expect(try await daemon.domains() == [name], "it belongs to the first data directory")
                try FileTree.remove(fixture.data)
                #expect(try await fixture.ruche("instance", "list", "--quiet").output == "")
                #expect(try await daemon.domains() == [], "nobody knows it any more")
            }
        }
    }
}

extension RucheFixture {
    /// What a terminal sees at the console of an instance: Enter is typed until it shows `text`, then Ctrl-] until
    /// that leaves it, because what is typed before the console listens is lost.
    func atConsole(of name: String, until text: String) async throws -> String {
        let script = #"""
            : >"$3"
            (
                n=0
                until grep -qaF "$2" "$3" || [ $n = 90 ]; do sleep 1; printf '\r'; n=$((n+1)); done
                while printf '\035'; do sleep 1; done
            ) 2>/dev/null | timeout 180 script --quiet --return --flush --command "$0 instance console $1" "$3"
            """#
        var line = command([])
        let seen = folder.appending("console-\(name).log").string
        (line.executable, line.arguments) = ("sh", ["-c", script, Self.program, name, text, seen])
        line.environment["TERM"] = "dumb"
        let result = try await runner.run(line, onLine: nil)
        #expect(result.status.isSuccess, "\(result)")
        return result.output
    }
}
