import Foundation
import RucheCore
import RucheHost
import Support
import SystemPackage
import Testing

/// A release with a disk alone and an LXD that has no QEMU to start it with.
@Suite(.enabled(if: BusyboxRoot.isUsable && EngineDaemon.Kind.lxd.isInstalled), .serialized)
struct LXDMachineRefusalTests {
    @Test func itIsSaidBeforeAnythingIsMade() async throws {
        let info = try await EngineDaemon.lxd.client("query", "/1.0")
        let server = try JSONDecoder().decode(JSONValue.self, from: Data(info.utf8))
        guard case .object(let fields) = server, case .object(let environment)? = fields["environment"],
            environment["driver"] == "lxc"
        else { return }  // it has machines
        try await RucheFixture.with { fixture in
            try fixture.write(
                ".config/ruche/config.yaml",
                """
                engines:
                  - kind: lxd
                    socket: \(try await EngineDaemon.lxd.socket())

                """)
            let release = try await fixture.publishTinyGuest()
            let up = try await fixture.ruche("up", release, "--engine", "lxd", code: 9)
            #expect(up.errorTail.contains("it can't run virtual machines: "), "\(up.errorTail)")
            #expect(up.errorTail.contains("use the engine qemu"))
            #expect(try isMissingOrEmpty(fixture.data.appending("instances")))
            // Its containers are ready nevertheless.
            let check = try await fixture.ruche("engine", "check", "lxd").output
            #expect(check.contains("lxd: ready") && check.contains("for instances: it can't run virtual machines: "))
        }
    }
}
