import RucheCore
import RucheStore

extension OperationRecord {
    init(row: OperationRow) throws {
        guard let id = Identifier(row.id), let state = State(rawValue: row.state) else {
            throw RucheError(.corruptContent, "the database has an operation \"\(row.id)\" in state \"\(row.state)\"")
        }
        self.init(id: id, kind: row.kind, title: row.title, state: state, createdAt: row.createdAt)
        endedAt = row.endedAt
        progress = row.progress
        result = try row.result.map { try JSONText.decode(JSONValue.self, $0) }
        failure = try row.failure.map { try JSONText.decode(Failure.self, $0) }
        owner = row.owner.flatMap { OwnerName($0) }
        createdBy = row.createdBy
    }

    func row() throws -> OperationRow {
        var row = OperationRow(
            id: id.description, kind: kind, title: title, state: state.rawValue, createdAt: createdAt)
        row.endedAt = endedAt
        row.progress = progress
        row.result = try result.map { try JSONText.encode($0) }
        row.failure = try failure.map { try JSONText.encode($0) }
        row.owner = owner?.description
        row.createdBy = createdBy
        return row
    }

    /// Enters the final state that the body's outcome asks for.
    mutating func end(_ outcome: Result<JSONValue, any Error>, at time: Int64) {
        endedAt = time
        switch outcome {
        case .success(let value):
            state = .succeeded
            progress = 1
            result = value
        case .failure(is CancellationError):
            state = .cancelled
            failure = Failure(code: .cancelled, message: "it was cancelled", details: [:], problems: [])
        case .failure(let error as RucheError):
            state = error.code == .cancelled ? .cancelled : .failed
            failure = Failure(
                code: error.code, message: error.message, details: error.details, problems: error.problems)
        case .failure(let error):
            state = .failed
            failure = Failure(code: .internalError, message: "\(error)", details: [:], problems: [])
        }
    }
}
