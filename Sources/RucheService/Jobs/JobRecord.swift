package import RucheCore

/// A job as it is recorded. Times are milliseconds since 1970.
package struct JobRecord: Hashable, Sendable, Codable {
    package var id: Identifier
    package var name: String?
    /// `owner/name:version`.
    package var release: String
    package var releaseDigest: Digest
    package var engine: String
    package var state: JobState
    /// Why the container is being ended, when it is.
    package var stop: JobExit.Reason?
    package var progress: Double?
    package var progressLabel: String?
    /// When the progress was told.
    package var progressAt: Int64?
    /// What it used in all; known once the job is final, where the engine has figures.
    package var usage: JobUsage?
    package var createdAt: Int64
    package var startedAt: Int64?
    /// `MachineClock` at the start: what the clock on the wall said may have been set since.
    package var startedTick: Double?
    package var endedAt: Int64?
    /// How long it ran, by a clock that nobody sets.
    package var ranSeconds: Double?
    package var exit: JobExit?
    package var parameters: [String: JSONValue]
    package var inputs: [JobInput]
    /// Known once the job is final.
    package var outputs: [JobOutput] = []
    package var limits: ResourceLimits
    /// Folder of reference databases on this machine.
    package var databases: String?
    /// Reference databases that are mounted, each in one version.
    package var references: [ReferenceDatabase]?
    /// SHA-256 of the token that is good for this job's notifications, hexadecimal.
    package var tokenHash: String?
    /// What the container was started with: command line, names of its environment, `uid:gid`.
    package var command: [String] = []
    package var environment: [String] = []
    package var user: String?
    /// What a person should know and what did not make the job fail.
    package var warnings: [String] = []
    /// Uploads that must be whole before it is queued.
    package var waitsFor: [Identifier]?
    /// Whose job it is; nil in records of programs that knew no owners.
    package var owner: OwnerName?
    /// Who asked for it: a user, or `local`.
    package var createdBy: String?

    /// −100…100; nil is 0.
    package var priority: Int?
    /// Jobs that have to succeed first.
    package var after: [Identifier]?
    package var retry: RetryPolicy?
    /// Attempts that failed and were followed by another, oldest first.
    package var attempts: [JobAttempt]?
    /// The earliest time of the next attempt.
    package var retryAt: Int64?

    package init(
        id: Identifier, release: String, releaseDigest: Digest, engine: String, createdAt: Int64,
        parameters: [String: JSONValue], inputs: [JobInput], limits: ResourceLimits
    ) {
        self.id = id
        self.release = release
        self.releaseDigest = releaseDigest
        self.engine = engine
        state = .queued
        self.createdAt = createdAt
        self.parameters = parameters
        self.inputs = inputs
        self.limits = limits
    }

    package var subject: String { "job:\(id)" }
    /// Whose rights to it count.
    package var ownerName: OwnerName { owner ?? .local }
    /// The name of the job's container.
    package var container: String { attempt == 1 ? "ruche-\(id)" : "ruche-\(id)-\(attempt)" }
    /// The number of the attempt that runs or waits, from 1.
    package var attempt: Int { (attempts?.count ?? 0) + 1 }

    /// The part of the record that the state machine owns.
    package var machine: JobStateMachine {
        get { JobStateMachine(state: state, stop: stop, exit: exit) }
        set {
            state = newValue.state
            stop = newValue.stop
            exit = newValue.exit
        }
    }
}

/// An input of a job: a file of this machine by `path`, or an uploaded one by `file`.
package struct JobInput: Hashable, Sendable, Codable {
    package var name: String
    package var path: String?
    package var file: Digest?
    /// The upload that it came from.
    package var upload: Identifier?
    package var size: Int64
    /// Known once it was read through.
    package var digest: Digest?
    /// What told the file from another when the job was accepted.
    package var identity: FileIdentity?

    package init(name: String, path: String? = nil, file: Digest? = nil, size: Int64, digest: Digest? = nil) {
        self.name = name
        self.path = path
        self.file = file
        self.size = size
        self.digest = digest
    }
}

/// A file that a job wrote, by its path below `outputs`.
package struct JobOutput: Hashable, Sendable, Codable {
    package var path: String
    package var size: Int64
    package var digest: Digest

    package init(path: String, size: Int64, digest: Digest) {
        self.path = path
        self.size = size
        self.digest = digest
    }
}
