import Logging
package import RucheCore
import RucheStore

extension JobService {
    private static let backfillBatch = 500

    /// What lists show of jobs: newest first, older than `cursor`. Reads no whole record.
    package func summaries(
        before cursor: Identifier? = nil, limit: Int, state: JobState? = nil, name: String? = nil,
        owners: OwnerSelection = .all
    ) async throws -> [JobSummary] {
        let texts = try await configuration.database.read { connection in
            try JobSummaryRepository(connection).summaries(
                before: cursor?.description, state: state?.rawValue, name: name, owners: owners.names, limit: limit)
        }
        return try texts.map { text in
            let summary = try JSONText.decode(JobSummary.self, text)
            return active[summary.id].map { JobSummary($0.record) } ?? summary
        }
    }

    /// The record of a job that is not over; nil for another one.
    package func activeRecord(_ id: Identifier) -> JobRecord? { active[id]?.record }

    /// Puts jobs into the lists that an older program recorded.
    func completeLists() async throws {
        while true {
            let rows = try await configuration.database.read {
                try JobSummaryRepository($0).missing(limit: Self.backfillBatch)
            }
            var summaries: [JobSummaryRow] = []
            for row in rows {
                // A record that can't be read is reported where it is needed.
                if let record = try? JobRecord(row: row) { summaries.append(try JobSummary(record).row()) }
            }
            guard !summaries.isEmpty else { return }
            let complete = summaries
            try await configuration.database.write { connection in
                for row in complete { try JobSummaryRepository(connection).save(row) }
            }
        }
    }
}
