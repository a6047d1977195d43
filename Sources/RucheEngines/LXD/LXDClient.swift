import FoundationEssentials
import RucheCore
import RucheHost
import SystemPackage

/// LXD's REST API, as far as an engine needs it. Every call has a time limit.
struct LXDClient: Sendable {
    let connection: EngineConnection
    let project: String?

    func server() async throws -> LXDAPI.Server { try await get("/1.0", LXDAPI.Server.self, timeout: .seconds(20)) }

    /// What the configuration names, such as a profile. Nil when there is no such thing.
    func find<Value: Decodable>(_ folder: String, named name: String, _ type: Value.Type) async throws -> Value? {
        try await find("\(folder)/\(PercentEncoding.encode(name))", type)
    }

    /// Nil when there is no such thing.
    func find<Value: Decodable>(_ path: String, _ type: Value.Type) async throws -> Value? {
        do { return try await get(path, type) } catch let error as RucheError where error.code == .notFound {
            return nil
        }
    }

    func instance(_ name: String) async throws -> LXDAPI.Instance? {
        try await find("/1.0/instances/\(name)", LXDAPI.Instance.self)
    }

    func instances() async throws -> [LXDAPI.Instance] {
        try await get("/1.0/instances", [LXDAPI.Instance].self, query: [("recursion", "1")])
    }

    func state(_ name: String) async throws -> LXDAPI.State {
        try await get("/1.0/instances/\(name)/state", LXDAPI.State.self)
    }

    /// True while an operation on the instance is under way.
    func isBusy(_ name: String) async throws -> Bool {
        let found = try await get("/1.0/operations", [String: [LXDAPI.Operation]].self, query: [("recursion", "1")])
        return (found["running"] ?? []).contains { operation in
            (operation.resources?["instances"] ?? []).contains { $0.hasSuffix("/\(name)") }
        }
    }

    func create(_ instance: LXDAPI.Create, target: String?) async throws {
        let query = target.map { [(name: "target", value: $0)] } ?? []
        try await work(.json("POST", "/1.0/instances", query: query, instance), within: .seconds(1800))
    }

    /// `start`, `stop`, `freeze` or `unfreeze`.
    func change(_ name: String, _ change: LXDAPI.Change) async throws {
        try await work(.json("PUT", "/1.0/instances/\(name)/state", change), within: .seconds(120))
    }

    func replace(_ name: String, _ instance: LXDAPI.Replace) async throws {
        try await work(.json("PUT", "/1.0/instances/\(name)", instance), within: .seconds(120))
    }

    func snapshot(_ name: String, _ snapshot: LXDAPI.Snapshot) async throws {
        try await work(.json("POST", "/1.0/instances/\(name)/snapshots", snapshot), within: .seconds(1800))
    }

    func restore(_ name: String, _ snapshot: LXDAPI.Restore) async throws {
        try await work(.json("PUT", "/1.0/instances/\(name)", snapshot), within: .seconds(1800))
    }

    /// Runs a program in the container and returns its exit code.
    func execute(_ name: String, _ program: LXDAPI.Execute) async throws -> Int {
        let done = try await work(.json("POST", "/1.0/instances/\(name)/exec", program), within: .seconds(30))
        return done.metadata?.returned ?? 0
    }

    /// An instance that has gone is no error.
    func remove(_ name: String) async throws {
        do {
            try await work(EngineRequest("DELETE", "/1.0/instances/\(name)"), within: .seconds(120))
        } catch let error as RucheError where error.code == .notFound {
            return
        }
    }

    /// Makes an empty file or a folder in the root of an instance that does not run.
    func makePlace(_ path: String, in name: String, isFolder: Bool) async throws {
        var request = EngineRequest("POST", "/1.0/instances/\(name)/files", query: [("path", path)])
        request.headers = [("X-LXD-type", isFolder ? "directory" : "file"), ("X-LXD-mode", isFolder ? "0755" : "0644")]
        try await call(request)
    }

    func images() async throws -> [LXDAPI.Image] {
        try await get("/1.0/images", [LXDAPI.Image].self, query: [("recursion", "1")])
    }

    /// `part` is what the form calls the root: `rootfs` of containers, `rootfs.img` of machines.
    func importImage(metadata: FilePath, root: FilePath, as part: String) async throws {
        let form = EngineRequest.Body.form([("metadata", metadata), (part, root)])
        try await work(
            EngineRequest("POST", "/1.0/images", body: form, timeout: .seconds(3600)), within: .seconds(3600))
    }

    func removeImage(_ fingerprint: String) async throws {
        do {
            try await work(EngineRequest("DELETE", "/1.0/images/\(fingerprint)"), within: .seconds(120))
        } catch let error as RucheError where error.code == .notFound {
            return
        }
    }

    /// Again while something else is under way with an instance, such as its making by a process that died, or its end.
    /// Gives up after ten seconds, and three attempts, which may take longer.
    static func insist(
        while isToTry: (RucheError) -> Bool = isOvertaken, _ work: () async throws -> Void
    ) async throws {
        let end = ContinuousClock.now + .seconds(10)
        for attempt in 1... {
            do { return try await work() } catch let error as RucheError {
                guard ContinuousClock.now < end || attempt < 3, isToTry(error) else { throw error }
            }
            try await Task.sleep(for: .milliseconds(50))
        }
    }

    /// Whether LXD refused because an operation on the instance is under way.
    static func isBusy(_ error: RucheError) -> Bool { error.message.contains("is busy running") }

    /// Whether LXD refused because of what is under way with an instance, or has just been done.
    static func isOvertaken(_ error: RucheError) -> Bool {
        let words = error.message.lowercased()
        return error.code == .invalidState || ["busy", "already stopped"].contains { words.contains($0) }
    }

    // MARK: - Calls

    private func get<Value: Decodable>(
        _ path: String, _ type: Value.Type, query: [(name: String, value: String)] = [],
        timeout: Duration = .seconds(60)
    ) async throws -> Value {
        let response = try await call(EngineRequest("GET", path, query: query, timeout: timeout))
        return try response.json(LXDAPI.Answer<Value>.self).metadata
    }

    /// Sends a request that starts an operation and returns when that is done.
    @discardableResult
    private func work(_ request: EngineRequest, within limit: Duration) async throws -> LXDAPI.Operation {
        let end = ContinuousClock.now + limit
        var operation = try await call(request).json(LXDAPI.Answer<LXDAPI.Operation>.self).metadata
        while ["Pending", "Running", "Cancelling"].contains(operation.status) {
            guard ContinuousClock.now < end else {
                throw RucheError(
                    .engineUnavailable, "the engine \"\(connection.engine)\" did not end its work in \(limit)")
            }
            // Less than the time limit of a request.
            operation = try await get(
                "/1.0/operations/\(operation.id)/wait", LXDAPI.Operation.self, query: [("timeout", "20")])
        }
        guard operation.status == "Success" else {
            throw failure(operation.err ?? "the work was \(operation.status.lowercased())", status: 500)
        }
        return operation
    }

    @discardableResult
    private func call(_ request: EngineRequest) async throws -> EngineResponse {
        var request = request
        if let project { request.query.append(("project", project)) }
        let response = try await connection.send(request)
        guard !response.isSuccess else { return response }
        let answer = try? response.json(LXDAPI.Failure.self)  // what is between may answer in its own words
        let message = answer?.error ?? String(decoding: response.body.prefix(500), as: UTF8.self)
        throw failure(message, status: response.status)
    }

    private func failure(_ message: String, status: Int) -> RucheError {
        let text = "the engine \"\(connection.engine)\" says: \(message)"
        if message.lowercased().contains("no space left on device") { return RucheError(.diskFull, text) }
        let code: ErrorCode =
            switch status {
            case 400: .invalidState
            case 403: .notPermitted
            case 404: .notFound
            case 409: .conflict
            default: .engineUnavailable
            }
        return RucheError(code, text)
    }
}
