import AsyncHTTPClient
import NIOCore
import NIOHTTP1
package import RucheCore
package import RucheWire

extension APIClient {
    /// Checks an instance whole, makes and starts it; it is not ready then.
    package func startInstance(_ request: InstanceRequest) async throws -> InstanceDocument {
        try await document(
            APIRequest(.POST, "/api/v1/instances", body: .json(try JSON.encode(request))), as: InstanceDocument.self)
    }

    /// Newest first.
    package func instances(
        name: String? = nil, owner: String? = nil, limit: Int? = nil
    ) async throws -> [InstanceDocument] {
        try await all(
            "/api/v1/instances", query: [("name", name), ("owner", owner)], limit: limit, of: InstanceDocument.self)
    }

    package func instance(_ id: Identifier) async throws -> InstanceDocument {
        try await document(APIRequest(.GET, Self.path(id)), as: InstanceDocument.self)
    }

    package func startInstance(_ id: Identifier, lease: Int?) async throws -> InstanceDocument {
        try await act("start", id, body: InstanceStartRequest(lease: lease))
    }

    /// Asks it to end, or ends it at once; it may still be on its way down then.
    package func stopInstance(_ id: Identifier, now: Bool = false) async throws -> InstanceDocument {
        try await document(
            APIRequest(.POST, Self.path(id) + "/stop", query: [("now", now ? "true" : nil)]),
            as: InstanceDocument.self)
    }

    package func snapshotInstance(_ id: Identifier, as name: String) async throws -> InstanceDocument {
        try await act("snapshot", id, body: InstanceSnapshotRequest(name: name))
    }

    package func restoreInstance(_ id: Identifier, to name: String) async throws -> InstanceDocument {
        try await act("restore", id, body: InstanceSnapshotRequest(name: name))
    }

    package func destroyInstance(_ id: Identifier) async throws {
        try await discard(APIRequest(.DELETE, Self.path(id)))
    }

    /// What an instance wrote to its console, from its last `tail` lines on when they are given; with `follow` until it
    /// has ended.
    package func instanceConsole(
        _ id: Identifier, tail: Int? = nil, follow: Bool = false, onBytes: ([UInt8]) async throws -> Void
    ) async throws {
        let request = APIRequest(
            .GET, Self.path(id) + "/console",
            query: [("tail", tail.map { "\($0)" }), ("follow", follow ? "true" : nil)], accept: "text/plain")
        let response = try await send(request)
        do {
            try await reading {
                for try await buffer in response.body {
                    do { try await onBytes(Array(buffer.readableBytesView)) } catch {
                        throw ReaderFailure(error: error)
                    }
                }
            }
        } catch let failure as ReaderFailure {
            throw failure.error
        }
    }

    private func act(_ verb: String, _ id: Identifier, body: some Encodable) async throws -> InstanceDocument {
        try await document(
            APIRequest(.POST, Self.path(id) + "/\(verb)", body: .json(try JSON.encode(body))),
            as: InstanceDocument.self)
    }

    private static func path(_ id: Identifier) -> String { "/api/v1/instances/\(id)" }
}
