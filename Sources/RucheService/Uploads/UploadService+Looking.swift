import Glibc
package import RucheCore
import RucheStore
import SystemPackage

extension UploadService {
    /// The upload as it is. Throws `not_found`, and `gone` for one that ended without becoming a file.
    package func upload(_ id: Identifier) async throws -> Upload {
        let row = try await row(id)
        switch row.state {
        case .terminated, .expired: throw Self.gone(row)
        case .complete: return try upload(row, offset: row.length ?? 0)
        case .receiving where completions[id] != nil: return try await complete(id)
        // It is being put together, by somebody who opens it when that is done.
        case .receiving where row.concat?.hasPrefix("final") == true: return try upload(row, offset: size(row.id))
        case .receiving: return try await grown(row, id)
        }
    }

    private func grown(_ row: UploadRow, _ id: Identifier) async throws -> Upload {
        let session: UploadSession
        do { session = try self.session(id) } catch let error as RucheError where error.code == .gone {
            // It became a file since its row was read.
            guard let now = try await known(id), now.state == .complete else { throw error }
            return try upload(now, offset: now.length ?? 0)
        }
        let offset = try session.durableOffset()
        // Its last step may have failed.
        if offset == row.length, !session.isBusy { return try await complete(id) }
        return try upload(row, offset: offset)
    }

    /// Bytes of an upload that are here.
    private nonisolated func size(_ id: String) -> Int64 {
        var status = stat()
        return lstat(path(id).string, &status) == 0 ? Int64(status.st_size) : 0
    }

    /// The owner of an upload, whatever its state.
    package func owner(of id: Identifier) async throws -> OwnerName {
        guard let row = try await known(id), let owner = OwnerName(row.owner) else { throw Self.missing(id) }
        return owner
    }

    /// Newest first, of the owners; those that ended too.
    package func uploads(before cursor: Identifier?, owners: OwnerSelection, limit: Int) async throws -> [Upload] {
        let rows = try await configuration.database.read {
            try UploadRepository($0).uploads(before: cursor?.description, owners: owners.names, limit: limit)
        }
        return rows.compactMap { row in
            switch row.state {
            case .receiving: Upload(row, offset: size(row.id))
            case .complete: Upload(row, offset: row.length ?? 0)
            case .terminated, .expired: Upload(row, offset: 0)
            }
        }
    }
}
