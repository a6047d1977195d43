import Glibc
import RucheCore
import RucheHost
import RucheWire
import Support
import SystemPackage
import Testing

/// Instances by the commands, with real machines whose guest is one sector.
@Suite(.enabled(if: Tool.find(Tool.qemu.name) != nil && Tool.find(Tool.qemuImage.name) != nil), .serialized)
struct InstanceTests {
    @Test func aMachineIsStartedUsedAndDestroyed() async throws {
        try await RucheFixture.with { fixture in
            let release = try await fixture.publishTinyGuest()
            let port = try #require(LocalPort.free())
            let up = try await fixture.ruche("up", release, "--name", "one", "--publish", "\(port):80", "--json")
            let ready = try JSONText.whole(InstanceDocument.self, up.output)
            #expect(ready.state == .ready && ready.url == "http://127.0.0.1:\(port)/")
            #expect(up.errorTail.contains("console"), "each stage is shown: \(up.errorTail)")
            let list = try await fixture.ruche("instance", "list").output
            #expect(list.contains("one") && list.contains("ready") && list.contains("\(port)->80"))
            #expect(try await fixture.ruche("instance", "logs", "one").output.contains("tiny guest is up"))
            try await fixture.ruche("instance", "console", "nobody", code: 3)
            try await fixture.ruche("up", release, "--name", "one", code: 4)
            try await fixture.ruche("up", release, "--publish", "\(port):80", code: 4)
            try await fixture.ruche("up", release, "--publish", "80", code: 2)
            try await fixture.ruche("instance", "snapshot", "one", "first")
            try await fixture.ruche("instance", "stop", "--now", "one")
            try await fixture.ruche("instance", "restore", "one", "first")
            #expect(try await fixture.instance("one").snapshots.map(\.name) == ["first"])
            try await fixture.ruche("instance", "start", "one")
            try await fixture.ruche("instance", "destroy", "one")
            #expect(try isMissingOrEmpty(fixture.data.appending("instances")))
            #expect(try await fixture.machines().isEmpty)
        }
    }

    @Test(.enabled(if: Tool.find(Tool.virtiofsd.name) != nil))
    func aFolderIsSharedWhileAMachineRuns() async throws {
        try await RucheFixture.with { fixture in
            let release = try await fixture.publishTinyGuest(cloudInit: true)
            let folder = try fixture.write("shared/note", "").removingLastComponent()
            try await fixture.ruche("up", release, "--name", "one", "--share", "\(folder)")
            #expect(try fixture.sharing(folder) != [])
            try await fixture.ruche("instance", "stop", "--now", "one")
            #expect(try fixture.sharing(folder) == [])
            try await fixture.ruche("instance", "start", "one")
            #expect(try fixture.sharing(folder) != [])
            try await fixture.ruche("instance", "destroy", "one")
            #expect(try fixture.sharing(folder) == [])
        }
    }

    @Test func aKilledServerFindsItsMachinesAgain() async throws {
        try await RucheFixture.with { fixture in
            let release = try await fixture.publishTinyGuest()
            // Below those that the kernel hands out: nobody gets it between the two servers.
            let free = (0..<100).lazy.map { _ in Int.random(in: 20_000..<30_000) }
                .first { LocalPort.obstacle("127.0.0.1", $0) == nil }
            let port = try #require(free)
            let address = "127.0.0.1:\(port)"
            let first = try await ServedProcess.start(fixture, "--listen", address)
            try await fixture.ruche("up", release, "--name", "one")
            let machine = try #require(try await fixture.machines().first)
            try await first.end(SIGKILL)
            #expect(machine.isAlive, "it does not go with the server")
            // The machine holds nothing of the server's: its port is free.
            let second = try await ServedProcess.start(fixture, "--listen", address)
            #expect(try await fixture.instance("one").state == .ready)
            #expect(try await fixture.machines() == [machine])
            machine.send(SIGKILL)
            try await eventually(within: .seconds(60), "its end is seen") {
                try await fixture.instance("one").state == .stopped
            }
            try await second.end()
            try await fixture.ruche("instance", "destroy", "one")
        }
    }

    @Test func aServerKilledWhileItStartsOneLeavesNoHalf() async throws {
        try await RucheFixture.with { fixture in
            let release = try await fixture.publishTinyGuest(ssh: true)
            for delay in [30, 80, 150, 300] {
                let served = try await ServedProcess.start(fixture)
                // Not by `ruche up`: late, it would find no server and start the machine itself.
                async let up = fixture.runner.run(
                    Command(
                        "curl",
                        [
                            "-sS", "--unix-socket", fixture.data.appending("run/api.sock").string, "--json",
                            #"{"release": "\#(release)", "timeout": 60}"#, "http://localhost/api/v1/instances",
                        ], environment: ["HOME": fixture.folder.string]), onLine: nil)
                try await Task.sleep(for: .milliseconds(delay))
                try await served.end(SIGKILL)
                _ = try await up
                let list = try await fixture.ruche("instance", "list", "--json").output
                let instances = try JSONText.whole([InstanceDocument].self, list)
                for instance in instances {
                    #expect([.starting, .failed].contains(instance.state), "after \(delay) ms: \(instance)")
                    try await fixture.ruche("instance", "destroy", instance.id.description)
                }
                #expect(try isMissingOrEmpty(fixture.data.appending("instances")), "after \(delay) ms")
                #expect(try await fixture.machines().isEmpty, "after \(delay) ms")
            }
        }
    }

    @Test func aFailedStartShowsTheConsolesEnd() async throws {
        try await RucheFixture.with { fixture in
            let release = try await fixture.publishTinyGuest(ssh: true)
            let late = try await fixture.ruche("up", release, "--name", "one", "--timeout", "20", code: 13)
            #expect(late.errorTail.contains("tiny guest is up") && late.errorTail.contains("ssh is missing"))
            #expect(try await fixture.machines().isEmpty, "nothing runs on")
            try await fixture.ruche("instance", "destroy", "one")
        }
    }

    @Test func theDiskOfARemovedReleaseStaysWhileItIsUsed() async throws {
        try await RucheFixture.with { fixture in
            let release = try await fixture.publishTinyGuest()
            try await fixture.ruche("up", release, "--name", "one")
            try await fixture.ruche("release", "rm", release)
            try await fixture.ruche("gc")
            try await fixture.ruche("instance", "stop", "--now", "one")
            try await fixture.ruche("instance", "start", "one")
            try await fixture.ruche("instance", "destroy", "one")
            try await fixture.ruche("gc")
            #expect(try isMissingOrEmpty(fixture.data.appending("content/blobs/sha256")))
        }
    }
}

extension RucheFixture {
    /// What `ruche instance show --json` says of one.
    func instance(_ name: String) async throws -> InstanceDocument {
        try JSONText.whole(InstanceDocument.self, try await ruche("instance", "show", name, "--json").output)
    }

    /// The processes that share a folder with a machine.
    func sharing(_ folder: FilePath) throws -> [ProcessIdentity] {
        try FileTree.names(in: "/proc").compactMap { Int32($0) }.filter {
            ProcessIdentity.arguments(of: $0).contains("source=\(folder)")
        }.sorted().compactMap { ProcessIdentity(of: $0) }
    }

    /// The processes of machines of this data directory.
    fileprivate func machines() async throws -> [ProcessIdentity] {
        let folders = data.appending("instances").string
        return try FileTree.names(in: "/proc").compactMap { Int32($0) }.filter { pid in
            ProcessIdentity.arguments(of: pid).first == Tool.qemu.name
                && (try? FileTree.linkTarget(FilePath("/proc/\(pid)/cwd")))?.hasPrefix(folders) == true
        }.compactMap { ProcessIdentity(of: $0) }
    }
}
