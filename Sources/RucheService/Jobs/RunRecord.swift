package import RucheCore

/// `run.json`: what made the outputs, enough to run the same thing again. Schema 1. Times are milliseconds since 1970.
package struct RunRecord: Hashable, Sendable, Codable {
    package var schema = 1
    package var run: Identifier
    package var name: String?
    package var release: ReleaseEntry
    package var engine: String
    package var state: JobState
    package var exit: JobExit?
    package var limits: ResourceLimits
    package var parameters: [String: JSONValue]
    package var inputs: [InputEntry]
    package var databases: String?
    /// Reference databases that were mounted; nil where there were none.
    package var references: [ReferenceDatabase]?
    package var priority: Int?
    package var retry: RetryPolicy?
    /// Attempts that failed before the last one, oldest first.
    package var attempts: [JobAttempt]?
    package var outputs: [OutputEntry]
    package var times: Times
    package var command: [String]
    /// Names of the variables that the container was started with; values may be private.
    package var environment: [String]
    package var user: String?
    package var warnings: [String]
    /// What it used in all, where the engine has figures.
    package var usage: JobUsage?
    package var versions: [String: String]
    /// Whose job it was, and who asked for it; nil in records of programs that knew no owners.
    package var owner: OwnerName?
    package var createdBy: String?

    package struct ReleaseEntry: Hashable, Sendable, Codable {
        /// `owner/name:version`.
        package var name: String
        package var digest: Digest
    }
    package struct InputEntry: Hashable, Sendable, Codable {
        package var name: String
        package var path: String?
        /// Digest under which the file was uploaded.
        package var file: Digest?
        package var size: Int64
        package var sha256: String?
    }
    package struct OutputEntry: Hashable, Sendable, Codable {
        package var path: String
        package var size: Int64
        package var sha256: String
    }
    package struct Times: Hashable, Sendable, Codable {
        package var created: Int64
        package var started: Int64?
        package var ended: Int64?
    }

    init(_ job: JobRecord, versions: [String: String]) {
        run = job.id
        name = job.name
        release = ReleaseEntry(name: job.release, digest: job.releaseDigest)
        engine = job.engine
        state = job.state
        exit = job.exit
        limits = job.limits
        parameters = job.parameters
        inputs = job.inputs.map {
            InputEntry(name: $0.name, path: $0.path, file: $0.file, size: $0.size, sha256: $0.digest?.hex)
        }
        databases = job.databases
        references = job.references
        priority = job.priority
        retry = job.retry
        attempts = job.attempts
        outputs = job.outputs.map { OutputEntry(path: $0.path, size: $0.size, sha256: $0.digest.hex) }
        times = Times(created: job.createdAt, started: job.startedAt, ended: job.endedAt)
        command = job.command
        environment = job.environment
        user = job.user
        warnings = job.warnings
        usage = job.usage
        self.versions = versions
        owner = job.owner
        createdBy = job.createdBy
    }

    /// The submission that runs the same again: same release by digest, same inputs and references by content.
    var submission: JobSubmission {
        var submission = JobSubmission(release: "\(release.name)@\(release.digest)", parameters: parameters)
        submission.name = name
        submission.inputs = inputs.map {
            .init(name: $0.name, path: $0.path, file: $0.file, expected: $0.sha256.flatMap { Digest(hex: $0) })
        }
        submission.databases = databases
        for database in references ?? [] {
            submission.references.append(database.reference)
            guard let reference = DatabaseReference(database.reference) else { continue }
            submission.expectedReferences[reference] = database.digest
        }
        submission.priority = priority
        submission.retry = retry
        submission.engine = engine
        submission.limits = limits
        return submission
    }
}

extension JobRecord {
    /// The job that a record tells of. What only the server knew of it (progress, token) is not in it.
    init(_ run: RunRecord) {
        self.init(
            id: run.run, release: run.release.name, releaseDigest: run.release.digest, engine: run.engine,
            createdAt: run.times.created, parameters: run.parameters,
            inputs: run.inputs.map {
                JobInput(
                    name: $0.name, path: $0.path, file: $0.file, size: $0.size,
                    digest: $0.sha256.flatMap { Digest(hex: $0) })
            }, limits: run.limits)
        name = run.name
        state = run.state
        exit = run.exit
        startedAt = run.times.started
        endedAt = run.times.ended
        outputs = run.outputs.compactMap { entry in
            Digest(hex: entry.sha256).map { JobOutput(path: entry.path, size: entry.size, digest: $0) }
        }
        databases = run.databases
        references = run.references
        priority = run.priority
        retry = run.retry
        attempts = run.attempts
        command = run.command
        environment = run.environment
        user = run.user
        warnings = run.warnings
        usage = run.usage
        owner = run.owner
        createdBy = run.createdBy
    }
}
