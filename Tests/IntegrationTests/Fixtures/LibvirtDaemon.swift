import RucheCore
import RucheHost
import Support
import SystemPackage
import Testing

/// The machine's own libvirt, started for a test and ended with it.
enum LibvirtDaemon {
    private static let script = """
        mkdir -p /run/libvirt
        virtlogd & log=$!
        libvirtd & daemon=$!
        cat >/dev/null
        kill $daemon; wait $daemon
        kill $log; wait $log
        """

    static func with(_ fixture: RucheFixture, _ body: () async throws -> Void) async throws {
        let log = fixture.folder.appending("libvirt.log")
        let daemon = try WatchedScript(script, [], log: log)
        do {
            let answers = try await eventually(within: .seconds(60)) {
                try await fixture.runner.run(
                    Command(
                        "virsh", ["-c", "qemu:///system", "version"], environment: ["HOME": fixture.folder.string]),
                    onLine: nil
                ).status.isSuccess
            }
            guard answers else {
                let text = (try? AtomicFile.read(log)) ?? []
                throw RucheError(.engineUnavailable, "libvirtd: \(String(decoding: text.suffix(2000), as: UTF8.self))")
            }
            try await body()
            try await daemon.end()
        } catch {
            try? await daemon.end()  // the first error is the one to report
            throw error
        }
    }
}
