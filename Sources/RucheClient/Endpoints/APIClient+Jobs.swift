import NIOHTTP1
package import RucheCore
package import RucheWire
package import SystemPackage

extension APIClient {
    /// Checks a request whole and queues the job.
    package func startJob(_ request: JobRequest) async throws -> JobDocument {
        try await document(
            APIRequest(.POST, "/api/v1/jobs", body: .json(try JSON.encode(request))), as: JobDocument.self)
    }

    /// Newest first.
    package func jobs(
        state: JobState? = nil, owner: String? = nil, name: String? = nil, limit: Int? = nil
    ) async throws -> [JobSummaryDocument] {
        try await all(
            "/api/v1/jobs", query: [("state", state?.rawValue), ("owner", owner), ("name", name)], limit: limit,
            of: JobSummaryDocument.self)
    }

    package func job(_ id: Identifier) async throws -> JobDocument {
        try await document(APIRequest(.GET, Self.path(id)), as: JobDocument.self)
    }

    package func removeJob(_ id: Identifier) async throws { try await discard(APIRequest(.DELETE, Self.path(id))) }

    package func pauseJob(_ id: Identifier) async throws -> JobDocument { try await act("pause", id) }
    package func resumeJob(_ id: Identifier) async throws -> JobDocument { try await act("resume", id) }
    package func cancelJob(_ id: Identifier) async throws -> JobDocument { try await act("cancel", id) }
    /// A new job with the inputs, parameters and release of an old one.
    package func rerunJob(_ id: Identifier) async throws -> JobDocument { try await act("rerun", id) }

    /// The lines a job wrote; with `follow`, until the job ends. A followed log that breaks, or whose server ends,
    /// is asked for again after the last line seen; the failure is thrown when the server was not there for `patience`.
    package func jobLog(
        _ id: Identifier, _ query: LogQuery = LogQuery(), follow: Bool = false, patience: Duration = .seconds(60),
        onLine: (LogLine) async throws -> Void
    ) async throws {
        var next = query
        var failures = 0
        var awaySince: ContinuousClock.Instant?
        while true {
            let before = next
            let start = ContinuousClock.now
            do {
                try await logLines(id, next, follow: follow) { line in
                    if let position = line.position {
                        next = next.continued(after: position)
                    } else {
                        next.from = (next.from ?? 0) + 1
                    }
                    try await onLine(line)
                }
                // A server that stops ends its streams in order; only the job's end is the end of its log.
                if !follow { return }
                if try await job(id).state.isFinal {
                    return try await logLines(id, next, follow: false, onLine)
                }
                awaySince = nil
            } catch let error as RucheError where error.code == .serverUnavailable && follow {
                let now = ContinuousClock.now
                // It was there meanwhile.
                let stood = error.details["reason"] == "broken" && now - start >= Self.standing
                if next != before || stood { awaySince = nil }
                let since = awaySince ?? now
                guard now - since < patience else { throw error }
                awaySince = since
            }
            failures = next != before ? 1 : failures + 1
            try await Task.sleep(for: reconnectDelay * (1 << min(failures - 1, 4)))
            try await recoverConnection()
        }
    }

    private func logLines(
        _ id: Identifier, _ query: LogQuery, follow: Bool, _ onLine: (LogLine) async throws -> Void
    ) async throws {
        let request = APIRequest(
            .GET, Self.path(id) + "/logs", query: query.items(follow: follow),
            accept: "application/jsonl")
        try await lines(request, as: LogLine.self, onLine: onLine)
    }

    package func jobStats(_ id: Identifier) async throws -> JobStatsDocument {
        try await document(APIRequest(.GET, Self.path(id) + "/stats"), as: JobStatsDocument.self)
    }

    /// What a job used over its time.
    package func jobUsage(_ id: Identifier) async throws -> JobUsageSeriesDocument {
        try await document(APIRequest(.GET, Self.path(id) + "/stats/series"), as: JobUsageSeriesDocument.self)
    }

    package func jobOutputs(_ id: Identifier) async throws -> [JobFile] {
        try await all(Self.path(id) + "/outputs", of: JobFile.self)
    }

    /// The run record, as its bytes are on disk.
    package func jobRecord(_ id: Identifier) async throws -> [UInt8] {
        try await bytes(APIRequest(.GET, Self.path(id) + "/record"))
    }

    /// Writes one output to `target`, which must not exist; its digest is checked when it is known.
    package func downloadOutput(
        _ file: JobFile, of id: Identifier, to target: FilePath,
        onProgress: (@Sendable (DownloadProgress) -> Void)? = nil
    ) async throws -> Downloaded {
        try await download(
            APIRequest(.GET, Self.path(id) + "/outputs/" + PercentEncoding.encodePath(file.path), accept: "*/*"),
            to: target, digest: file.digest, onProgress: onProgress)
    }

    private func act(_ verb: String, _ id: Identifier) async throws -> JobDocument {
        try await document(APIRequest(.POST, Self.path(id) + "/\(verb)"), as: JobDocument.self)
    }

    private static func path(_ id: Identifier) -> String { "/api/v1/jobs/\(id)" }
}
