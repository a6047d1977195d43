package import RucheCore

/// A job as `GET /api/v1/jobs` lists it: files are counted, `GET /api/v1/jobs/{id}` names them. Times are
/// milliseconds since 1970.
package struct JobSummaryDocument: Codable, Hashable, Sendable {
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
    package var inputs: Int
    /// 0 before the job is final.
    package var outputs: Int
    /// Bytes of all outputs.
    package var outputBytes: Int64
    package var priority: Int?
    /// Why it waits, and its place among those that wait for room on its engine.
    package var waiting: JobWaiting?
    package var position: Int?
    /// Whose job it is, and who asked for it.
    package var owner: OwnerName?
    package var createdBy: String?

    package init(
        id: Identifier, release: String, releaseDigest: Digest, engine: String, state: JobState, createdAt: Int64,
        inputs: Int, outputs: Int, outputBytes: Int64
    ) {
        self.id = id
        self.release = release
        self.releaseDigest = releaseDigest
        self.engine = engine
        self.state = state
        self.createdAt = createdAt
        self.inputs = inputs
        self.outputs = outputs
        self.outputBytes = outputBytes
    }
}
