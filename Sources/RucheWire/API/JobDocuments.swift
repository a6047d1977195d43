package import RucheCore

/// `POST /api/v1/jobs`.
package struct JobRequest: Codable, Sendable {
    /// `owner/name[:version]` of a release with a pipeline contract.
    package var release: String
    package var name: String?
    package var inputs: [Input]
    /// Form values by key, checked against the form of the release.
    package var parameters: [String: JSONValue]
    /// Folder of reference databases on the server's machine; only over the private socket.
    package var databases: String?
    /// `NAME[:VERSION]` of reference databases, which are mounted for this job.
    package var references: [String]?
    package var engine: String?
    package var limits: ResourceLimits?
    /// −100…100; more comes first.
    package var priority: Int?
    /// Jobs that have to succeed before this one starts.
    package var after: [Identifier]?
    package var retry: RetryPolicy?
    /// Whose job it becomes; the caller by default.
    package var owner: OwnerName?

    package init(release: String, inputs: [Input] = [], parameters: [String: JSONValue] = [:]) {
        self.release = release
        self.inputs = inputs
        self.parameters = parameters
    }

    /// A file given by `path` (only over the private socket), by `file`, the digest of an uploaded one, by `id`, which
    /// brings its companions, or by `upload`, one that is still on its way.
    package struct Input: Codable, Hashable, Sendable {
        package var name: String
        package var path: String?
        package var file: Digest?
        package var id: Identifier?
        package var upload: Identifier?
        package init(name: String, path: String? = nil, file: Digest? = nil) {
            self.name = name
            self.path = path
            self.file = file
        }
    }
}

/// A job as `GET /api/v1/jobs/{id}` shows it. Times are milliseconds since 1970.
package struct JobDocument: Codable, Hashable, Sendable {
    package var id: Identifier
    package var name: String?
    package var release: String
    package var releaseDigest: Digest
    package var engine: String
    package var state: JobState
    package var progress: Double?
    package var progressLabel: String?
    package var createdAt: Int64
    package var startedAt: Int64?
    package var endedAt: Int64?
    /// When it may be over, from its progress and from earlier runs; nil when nobody knows.
    package var estimatedEnd: Int64?
    package var exit: JobExit?
    /// What it used in all, once it is over.
    package var usage: JobUsage?
    package var parameters: [String: JSONValue]
    package var inputs: [JobFile]
    /// Known once the job is final.
    package var outputs: [JobFile]
    package var limits: ResourceLimits
    /// What a person should know of the job, such as outputs that could not be taken.
    package var warnings: [String]
    /// Folder of the job on the server's machine (inputs, outputs, logs, run.json); only over the private socket.
    package var folder: String?
    package var priority: Int?
    package var after: [Identifier]?
    package var retry: RetryPolicy?
    /// Attempts that failed and were followed by another.
    package var attempts: [JobAttempt]?
    /// `NAME:VERSION` of reference databases that are mounted.
    package var references: [String]?
    /// Why it waits, and its place among those that wait for room on its engine.
    package var waiting: JobWaiting?
    package var position: Int?
    /// Whose job it is, and who asked for it.
    package var owner: OwnerName?
    package var createdBy: String?

    package init(
        id: Identifier, release: String, releaseDigest: Digest, engine: String, state: JobState, createdAt: Int64,
        parameters: [String: JSONValue], inputs: [JobFile], limits: ResourceLimits
    ) {
        self.id = id
        self.release = release
        self.releaseDigest = releaseDigest
        self.engine = engine
        self.state = state
        self.createdAt = createdAt
        self.parameters = parameters
        self.inputs = inputs
        outputs = []
        self.limits = limits
        warnings = []
    }
}

/// A file of a job, by its path below `inputs` or `outputs`.
package struct JobFile: Codable, Hashable, Sendable {
    package var path: String
    package var size: Int64
    package var digest: Digest?
    package init(path: String, size: Int64, digest: Digest? = nil) {
        self.path = path
        self.size = size
        self.digest = digest
    }
}

/// One line of `GET /api/v1/jobs/{id}/logs` (`application/jsonl`).
package struct LogLine: Codable, Hashable, Sendable {
    /// RFC 3339 with nanoseconds, as the engine wrote it.
    package var time: String
    package var stream: String
    package var text: String
    /// Bytes of the console up to the end of this line: `?after=` goes on from there.
    package var position: Int64?
    package init(time: String, stream: String, text: String) {
        self.time = time
        self.stream = stream
        self.text = text
    }
}

/// `GET /api/v1/jobs/{id}/stats`.
package struct JobStatsDocument: Codable, Hashable, Sendable {
    package var cpuSeconds: Double
    /// CPUs in use just now: 0.5 is half of one.
    package var cpus: Double?
    package var memoryBytes: UInt64
    package var memoryPeakBytes: UInt64
    package var memoryLimitBytes: UInt64?
    package var processes: UInt64
    package var readBytes: UInt64
    package var writtenBytes: UInt64
    package var diskBytes: UInt64
    package init(
        cpuSeconds: Double, memoryBytes: UInt64, memoryPeakBytes: UInt64, processes: UInt64, readBytes: UInt64,
        writtenBytes: UInt64, diskBytes: UInt64
    ) {
        self.cpuSeconds = cpuSeconds
        self.memoryBytes = memoryBytes
        self.memoryPeakBytes = memoryPeakBytes
        self.processes = processes
        self.readBytes = readBytes
        self.writtenBytes = writtenBytes
        self.diskBytes = diskBytes
    }
}
