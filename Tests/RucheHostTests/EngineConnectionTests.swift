import Glibc
import RucheCore
import RucheHost
import Support
import SystemPackage
import Testing

struct EngineConnectionTests {
    @Test func namesASocketThatIsNotThere() async throws {
        try await Scratch.with { folder in
            let socket = folder.appending("engine.sock")
            let connection = try EngineConnection(engine: "docker", address: .unix(socket))
            let error = await #expect(throws: RucheError.self) {
                try await connection.send(EngineRequest("GET", "/_ping"))
            }
            #expect(error?.code == .engineUnavailable)
            #expect(error?.message.contains("\"docker\"") == true)
            #expect(error?.message.contains(socket.string) == true)
        }
    }

    /// A socket nobody listens on any more, as a killed engine leaves it.
    @Test func namesASocketWhoseEngineHasGone() async throws {
        try await Scratch.with { folder in
            let socket = folder.appending("engine.sock")
            try BusyboxRoot.write("", to: socket)
            let connection = try EngineConnection(engine: "docker", address: .unix(socket))
            let error = await #expect(throws: RucheError.self) {
                try await connection.send(EngineRequest("GET", "/_ping"))
            }
            #expect(error?.code == .engineUnavailable)
        }
    }

    @Test func namesACertificateItCannotRead() async throws {
        try await Scratch.with { folder in
            let path = folder.appending("ca.pem")
            try BusyboxRoot.write("no certificate\n", to: path)
            let error = #expect(throws: RucheError.self) {
                try EngineConnection(
                    engine: "far", address: .network("localhost:1", EngineTLS(authority: path)))
            }
            #expect(error?.code == .invalidInput)
            #expect(error?.message.contains("ca.pem") == true)
        }
    }
}
