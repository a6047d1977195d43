import Logging
import RucheCore
import RucheHost
import RucheImages
import RucheStore
import SystemPackage

/// What bringing jobs back from their folders found.
package struct JobRestoration: Hashable, Sendable {
    /// Jobs that the table did not have.
    package var jobs = 0
    /// Folders that tell of no finished job, each with the reason; they stay as they are.
    package var problems: [String] = []

    package init() {}
}

extension JobService {
    private static let batch = 200
    private static let recordLimit = 1 << 30

    /// Jobs that only their folders know, because the database was lost, come back as records of what they were.
    ///
    /// A `run.json` that can't be read gets the name `run.json.quarantined`. Uploaded files that the records name
    /// are known again as well, when their content is still here.
    package func restoreRecords() async throws -> JobRestoration {
        let known = try await configuration.database.read { Set(try JobRepository($0).ids()) }
        var result = JobRestoration()
        var found: [JobRecord] = []
        for name in try FileTree.names(in: configuration.data.appending("jobs")).sorted() {
            guard let id = Identifier(name), !known.contains(name), active[id] == nil else { continue }
            do {
                found.append(try restoredRecord(id))
            } catch let error as RucheError {
                result.problems.append(error.message)
                if error.code == .corruptContent {
                    logger.warning("the record of a job can't be read", metadata: ["error": "\(error.message)"])
                }
            }
            if found.count == Self.batch { result.jobs += try await save(&found) }
        }
        result.jobs += try await save(&found)
        if result.jobs > 0 { logger.warning("jobs came back from their records", metadata: ["jobs": "\(result.jobs)"]) }
        return result
    }

    private func restoredRecord(_ id: Identifier) throws -> JobRecord {
        let path = JobFolder(data: configuration.data, id: id).record
        let bytes: [UInt8]
        do {
            bytes = try AtomicFile.read(path, limit: Self.recordLimit)
        } catch Errno.noSuchFileOrDirectory {
            throw RucheError(
                .notFound, "\(path.removingLastComponent()) has no run.json: its job never came to its end")
        } catch let error as Errno {
            throw RucheError(.invalidInput, "\(path) can't be read: \(error)")
        }
        if let run = try? JSONText.decode(RunRecord.self, bytes), run.run == id, run.state.isFinal {
            return JobRecord(run)
        }
        let aside = FilePath(path.string + ".quarantined")
        try AtomicFile.rename(path, to: aside)
        throw RucheError(.corruptContent, "\(path) is no record of a job; it was set aside as \(aside)")
    }

    private func save(_ records: inout [JobRecord]) async throws -> Int {
        guard !records.isEmpty else { return 0 }
        let rows = try records.map { (try $0.row(), try JobSummary($0).row()) }
        var files: [FileRow] = []
        for record in records {
            for input in record.inputs {
                guard let digest = input.file, try await configuration.content.size(of: digest) != nil else { continue }
                files.append(Self.fileRow(input, digest, record))
            }
        }
        let named = files
        try await configuration.events.write(records.map { $0.event("job.restored") }) { connection in
            for (row, summary) in rows {
                try JobRepository(connection).save(row)
                try JobSummaryRepository(connection).save(summary)
            }
            for file in named where try FileRepository(connection).same(as: file) == nil {
                try FileRepository(connection).save(file)
            }
        }
        records = []
        return rows.count
    }

    private static func fileRow(_ input: JobInput, _ digest: Digest, _ record: JobRecord) -> FileRow {
        var generator = SystemRandomNumberGenerator()
        let id = Identifier(milliseconds: UInt64(max(0, record.createdAt)), using: &generator)
        return FileRow(
            id: id.description, owner: record.ownerName.description, name: input.name, size: input.size,
            digest: digest.description, type: FileMediaType.of(input.name), createdAt: record.createdAt)
    }
}
