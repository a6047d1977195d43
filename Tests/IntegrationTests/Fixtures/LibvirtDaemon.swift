import Glibc
import RucheCore
import RucheHost
import Support
import SystemPackage
import Testing

/// The machine's own libvirt, started for a test and ended with it.
struct LibvirtDaemon: Sendable {
    private let fixture: RucheFixture
    /// While it is there, no daemon is started again.
    private let absence: FilePath

    /// In a namespace of process numbers: its first process buries the dead at once, which libvirt waits for, and all
    /// that was started in it ends with it.
    private static let script = #"exec unshare --pid --fork --mount-proc --kill-child sh -c "$1" sh "$2""#
    private static let daemons = """
        mkdir -p /run/libvirt
        virtlogd &
        (while :; do [ -e "$1" ] || libvirtd; sleep 0.1; done) &
        cat >/dev/null
        """

    static func with(_ fixture: RucheFixture, _ body: (LibvirtDaemon) async throws -> Void) async throws {
        let daemon = LibvirtDaemon(fixture: fixture, absence: fixture.folder.appending("no-libvirt"))
        let log = fixture.folder.appending("libvirt.log")
        let script = try WatchedScript(Self.script, [daemons, daemon.absence.string], log: log)
        do {
            guard try await daemon.answers(within: .seconds(120)) else {
                let text = (try? AtomicFile.read(log)) ?? []
                throw RucheError(.engineUnavailable, "libvirtd: \(String(decoding: text.suffix(2000), as: UTF8.self))")
            }
            // libvirt looks at its QEMU first, which takes a minute where that is slow: not in what is timed.
            #expect(try await daemon.virsh("capabilities").status.isSuccess)
            try await body(daemon)
            try await script.end()
        } catch {
            try? await script.end()  // the first error is the one to report
            throw error
        }
    }

    private func answers(within limit: Duration) async throws -> Bool {
        try await eventually(within: limit) { try await virsh("version").status.isSuccess }
    }

    func virsh(_ arguments: String...) async throws -> CommandResult {
        try await fixture.runner.run(
            Command(
                "virsh", ["-q", "-c", "qemu:///system"] + arguments, environment: ["HOME": fixture.folder.string]),
            onLine: nil)
    }

    /// Names of the domains there are.
    func domains() async throws -> [String] {
        try await virsh("list", "--all", "--name").output.split(separator: "\n").map(String.init)
    }

    /// Kills the daemon as a crash would; another one is started, and answers when this returns.
    func crash() async throws {
        try kill()
        #expect(try await answers(within: .seconds(120)))
    }

    /// Runs `body` while there is no daemon.
    func away(_ body: () async throws -> Void) async throws {
        try AtomicFile.write([], to: absence)
        try kill()
        #expect(try await eventually { try await !virsh("version").status.isSuccess })
        try await body()
        try FileTree.remove(absence)
        #expect(try await answers(within: .seconds(120)))
    }

    private func kill() throws {
        for pid in try FileTree.names(in: "/proc").compactMap({ Int32($0) })
        where ProcessIdentity.arguments(of: pid).first == "libvirtd" {
            ProcessIdentity(of: pid)?.send(SIGKILL)
        }
    }
}
