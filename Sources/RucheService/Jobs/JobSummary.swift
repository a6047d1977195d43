package import RucheCore
import RucheStore

/// What a list shows of a job: files are counted. Times are milliseconds since 1970.
package struct JobSummary: Hashable, Sendable, Codable {
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
    package var exit: JobExit?
    package var inputs: Int
    package var outputs: Int
    package var outputBytes: Int64
    package var owner: OwnerName
    package var createdBy: String?
    package var priority: Int?

    package init(_ record: JobRecord) {
        id = record.id
        name = record.name
        release = record.release
        releaseDigest = record.releaseDigest
        engine = record.engine
        state = record.state
        progress = record.progress
        progressLabel = record.progressLabel
        createdAt = record.createdAt
        startedAt = record.startedAt
        endedAt = record.endedAt
        exit = record.exit
        inputs = record.inputs.count
        outputs = record.outputs.count
        outputBytes = record.outputs.reduce(0) { $0 + $1.size }
        owner = record.ownerName
        createdBy = record.createdBy
        priority = record.priority
    }

    func row() throws -> JobSummaryRow {
        JobSummaryRow(
            id: id.description, state: state.rawValue, owner: owner.description, name: name,
            priority: Int64(priority ?? 0), createdAt: createdAt, summary: try JSONText.encode(self))
    }
}
