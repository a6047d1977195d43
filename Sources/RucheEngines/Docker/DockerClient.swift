import FoundationEssentials
import RucheCore
import RucheHost
import SystemPackage

/// Docker's REST API, as far as an engine needs it. Unversioned: each service speaks its newest.
struct DockerClient: Sendable {
    let connection: EngineConnection

    func quirks() async throws -> DockerQuirks {
        let response = try await call(EngineRequest("GET", "/_ping", timeout: .seconds(20)))
        return DockerQuirks(
            podmanVersion: response.header("Libpod-API-Version"), server: response.header("Server"))
    }

    func machine() async throws -> DockerAPI.Machine {
        try await call(EngineRequest("GET", "/info")).json(DockerAPI.Machine.self)
    }

    /// Nil when there is no such container.
    func inspect(_ id: String) async throws -> DockerAPI.Inspect? {
        do {
            return try await call(EngineRequest("GET", "/containers/\(id)/json")).json(DockerAPI.Inspect.self)
        } catch let error as RucheError where error.code == .notFound {
            return nil
        }
    }

    func create(_ name: String, _ container: DockerAPI.Create) async throws {
        try await call(.json("POST", "/containers/create", query: [("name", name)], container))
    }

    func start(_ id: String) async throws {
        let response = try await connection.send(
            EngineRequest("POST", "/containers/\(id)/start", timeout: .seconds(120)))
        guard !response.isSuccess else { return }
        throw RucheError(
            .engineUnavailable, "the container could not be started: \(message(response))", details: ["id": id])
    }

    /// Returns the exit code when the container has ended.
    func wait(_ id: String) async throws -> Int {
        let request = EngineRequest(
            "POST", "/containers/\(id)/wait", query: [("condition", "not-running")], timeout: nil)
        return try await call(request).json(DockerAPI.Ended.self).StatusCode
    }

    /// False when the container does not run.
    @discardableResult
    func signal(_ id: String, _ signal: Int32) async throws -> Bool {
        let query = [(name: "signal", value: String(signal))]
        return try await did(EngineRequest("POST", "/containers/\(id)/kill", query: query))
    }

    /// Empty when the container does not run.
    func stats(_ id: String) async throws -> DockerAPI.Stats {
        let query = [(name: "stream", value: "false"), (name: "one-shot", value: "true")]
        let response = try await call(EngineRequest("GET", "/containers/\(id)/stats", query: query))
        // Docker answers with fields that are empty, Podman with success and no body.
        return response.body.isEmpty ? DockerAPI.Stats() : try response.json(DockerAPI.Stats.self)
    }

    /// One that has gone is no error, nor is one that somebody else is removing.
    func remove(_ id: String) async throws {
        let query = [(name: "force", value: "true"), (name: "v", value: "true")]
        try await did(EngineRequest("DELETE", "/containers/\(id)", query: query, timeout: .seconds(120)))
    }

    func containers(label: String) async throws -> [DockerAPI.Listed] {
        let query = [(name: "all", value: "true"), (name: "filters", value: try filter(label))]
        return try await call(EngineRequest("GET", "/containers/json", query: query)).json([DockerAPI.Listed].self)
    }

    func images(label: String) async throws -> [DockerAPI.Image] {
        let query = [(name: "filters", value: try filter(label))]
        return try await call(EngineRequest("GET", "/images/json", query: query)).json([DockerAPI.Image].self)
    }

    /// Makes an image of one root archive.
    func importImage(_ archive: FilePath, label: (name: String, value: String)) async throws {
        let query = [
            (name: "fromSrc", value: "-"), (name: "changes", value: "LABEL \(label.name)=\(label.value)"),
        ]
        let response = try await call(
            EngineRequest(
                "POST", "/images/create", query: query, body: .file(archive, type: "application/x-tar"), timeout: nil))
        // The status came before the work: its failure is in the body.
        let text = String(decoding: response.body, as: UTF8.self)
        guard let match = text.firstMatch(of: /"error":\s*"((?:[^"\\]|\\.)*)"/) else { return }
        throw failure(String(match.output.1), status: 500)
    }

    /// One that has gone or is in use is no error.
    func removeImage(_ id: String) async throws { try await did(EngineRequest("DELETE", "/images/\(id)")) }

    /// False where what it is about has gone or is in a state that forbids it.
    @discardableResult
    private func did(_ request: EngineRequest) async throws -> Bool {
        do {
            try await call(request)
            return true
        } catch let error as RucheError where [.notFound, .conflict].contains(error.code) {
            return false
        }
    }

    @discardableResult
    func call(_ request: EngineRequest) async throws -> EngineResponse {
        let response = try await connection.send(request)
        try check(response)
        return response
    }

    func check(_ response: EngineResponse) throws {
        guard !response.isSuccess else { return }
        throw failure(message(response), status: response.status)
    }

    func message(_ response: EngineResponse) -> String {
        let failure = try? response.json(DockerAPI.Failure.self)  // some answers are bare text
        return failure?.message ?? failure?.cause ?? String(decoding: response.body.prefix(500), as: UTF8.self)
    }

    private func failure(_ message: String, status: Int) -> RucheError {
        let text = "the engine \"\(connection.engine)\" says: \(message)"
        if message.lowercased().contains("no space left on device") { return RucheError(.diskFull, text) }
        let code: ErrorCode =
            switch status {
            case 400: .invalidInput
            case 403: .notPermitted
            case 404: .notFound
            case 409: .conflict
            default: Self.isGone(message) ? .notFound : .engineUnavailable
            }
        return RucheError(code, text)
    }

    /// Podman's words, with a status of failure, for a container that was removed while it was asked about.
    private static func isGone(_ message: String) -> Bool {
        ["no such container", "container has already been removed"].contains { message.contains($0) }
    }

    private func filter(_ label: String) throws -> String {
        String(decoding: try JSONEncoder().encode(["label": [label]]), as: UTF8.self)
    }
}
