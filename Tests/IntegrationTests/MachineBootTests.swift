import RucheCore
import RucheHost
import RucheWire
import SystemPackage
import Testing

/// A machine that Ruche built, started to health and used: the whole way, once.
@Suite(.enabled(if: Tool.find(Tool.qemu.name) != nil && Tool.find(Tool.mmdebstrap.name) != nil), .serialized)
struct MachineBootTests {
    @Test func aBuiltMachineIsStartedToHealthAndUsed() async throws {
        try await RucheFixture.with { fixture in
            try await fixture.ruche("build", RucheFixture.examples.appending("minimal-vm").string)
            let port = try #require(LocalPort.free())
            let up = try await fixture.ruche(
                "up", "examples/minimal-vm", "--name", "small", "--publish", "\(port):8080", "--json")
            let ready = try JSONText.whole(InstanceDocument.self, up.output)
            for stage in ready.stages { print("\(stage.kind.rawValue) after \(stage.seconds) s") }
            #expect(ready.stages.map(\.kind) == [.console, .ssh, .health])
            let page = try await fixture.tool("curl", "-sS", "http://127.0.0.1:\(port)/")
            #expect(page == "It works.\n")
            let said = try await fixture.ruche("instance", "ssh", "small", "--", "cat /etc/ruche/identity")
            #expect(said.output.contains("RUCHE_URL=http://127.0.0.1:\(port)/"), "\(said.output)")
            try await fixture.ruche("instance", "ssh", "small", "--", "exit 5", code: 5)
            try await fixture.ruche("instance", "stop", "small")
            let stopped = try await fixture.ruche("instance", "show", "small", "--json").output
            let end = try JSONText.whole(InstanceDocument.self, stopped)
            #expect(end.state == .stopped && end.reason == nil)
            try await fixture.ruche("instance", "destroy", "small")
            #expect(try isMissingOrEmpty(fixture.data.appending("instances")))
        }
    }
}
