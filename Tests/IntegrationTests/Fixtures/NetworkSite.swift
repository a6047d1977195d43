import Glibc
import RucheHost
import SystemPackage
import Testing

/// A server that listens on a port of this machine.
struct NetworkSite: Sendable {
    let fixture: RucheFixture
    /// `HOST:PORT`.
    let host: String
    /// The token of the data directory.
    let token: String
    /// The server's process.
    let pid: Int32

    var address: String { "http://\(host)" }

    static func with(_ body: (NetworkSite) async throws -> Void) async throws {
        try await RucheFixture.with { fixture in
            let served = try await ServedProcess.start(fixture, "--listen", "127.0.0.1:0")
            do {
                let line = try served.log().split(separator: "\n").first { $0.contains("http://") }
                let address = String(try #require(line?.split(separator: " ").last))
                let token = String(
                    decoding: try AtomicFile.read(fixture.data.appending("token")), as: UTF8.self
                ).filter { !$0.isWhitespace }
                let host = String(address.dropFirst("http://".count))
                try await body(NetworkSite(fixture: fixture, host: host, token: token, pid: served.pid))
                try await served.end()
            } catch {
                try? await served.end(SIGKILL)  // the body's error is the one to report
                throw error
            }
        }
    }
}
