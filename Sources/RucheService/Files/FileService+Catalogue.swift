package import RucheCore
import RucheStore

extension FileService {
    /// Throws `not_found`.
    package func file(_ id: Identifier) async throws -> SiteFile {
        guard let row = try await database.read({ try FileRepository($0).file(id.description) }) else {
            throw Self.missing(id)
        }
        return try file(row)
    }

    package static func missing(_ id: Identifier) -> RucheError {
        RucheError(.notFound, "there is no file \(id)", details: ["file": id.description])
    }

    /// Newest first.
    package func files(_ filter: FileFilter, limit: Int) async throws -> [SiteFile] {
        try await database.read { try FileRepository($0).files(filter, limit: limit) }.compactMap(SiteFile.init)
    }

    /// Gives a file another name. Throws `not_found`, or `invalid_input` for what is no file name.
    package func rename(_ id: Identifier, to name: String) async throws -> SiteFile {
        try FileName.check(name, path: "name")
        var file = try await file(id)
        file.name = name
        let type = FileMediaType.of(name)
        file.type = type == FileMediaType.unknown ? file.type : type
        let changed = file
        try await events.write([file.event("file.renamed")]) { connection in
            guard var row = try FileRepository(connection).file(id.description) else { throw Self.missing(id) }
            row.name = changed.name
            row.type = changed.type
            try FileRepository(connection).save(row)
        }
        return file
    }

    /// Forgets a file. Its content goes with the next collection, when nothing else refers to it.
    package func remove(_ id: Identifier) async throws {
        let file = try await file(id)
        if let job = file.job {
            throw RucheError(
                .inUse, "the file \(file.name) is an output of the job \(job): remove the job",
                details: ["job": "\(job)"]
            )
        }
        try await events.write([file.event("file.removed")]) { try FileRepository($0).remove(id.description) }
    }

    // MARK: Companions

    /// The files that come with a file into a job.
    package func companions(of id: Identifier) async throws -> [SiteFile] {
        try await database.read { try FileRepository($0).companions(of: id.description) }.compactMap(SiteFile.init)
    }

    /// Says which files come with a file into a job. Throws `invalid_input` for files of another owner, for itself,
    /// and for two of one name.
    package func setCompanions(_ companions: [Identifier], of id: Identifier) async throws -> [SiteFile] {
        let file = try await file(id)
        var problems: [Problem] = []
        var names: Set<String> = [file.name]
        for (index, companion) in companions.enumerated() {
            let place = "companions[\(index)]"
            let row = try await database.read { try FileRepository($0).file(companion.description) }
            guard let other = row.flatMap(SiteFile.init), other.owner == file.owner else {
                problems.append(
                    Problem(path: place, message: "there is no such file of the same owner", found: "\(companion)"))
                continue
            }
            if !names.insert(other.name).inserted {
                problems.append(
                    Problem(path: place, message: "two files of one name can't go together", found: other.name))
            }
        }
        guard problems.isEmpty else {
            throw RucheError(.invalidInput, "the companions are not valid", problems: problems)
        }
        try await events.write([file.event("file.companions-set")]) {
            try FileRepository($0).setCompanions(companions.map(\.description), of: id.description)
        }
        return try await self.companions(of: id)
    }

    // MARK: Quotas

    package func usage(of owner: OwnerName) async throws -> OwnerUsage {
        try await database.read { connection in
            let quotas = QuotaRepository(connection)
            let files = try quotas.files(of: owner.description)
            let uploads = try quotas.uploads(of: owner.description)
            return OwnerUsage(
                owner: owner, files: files.count, fileBytes: files.bytes, uploads: uploads.count,
                uploadBytes: uploads.bytes, releaseBytes: try SpaceRepository(connection).bytes(of: owner.description),
                quota: try quotas.limit(of: owner.description))
        }
    }

    /// Bounds what an owner may keep; nil lifts the bound. What is there already stays.
    package func setQuota(_ bytes: Int64?, of owner: OwnerName) async throws -> OwnerUsage {
        if let bytes, bytes < 0 {
            throw RucheError(.invalidInput, "a quota can't be \(bytes) bytes: give 0 and more, or null for no limit")
        }
        let draft = EventDraft(
            subject: "owner:\(owner)", kind: "quota.set", data: ["bytes": bytes.map { .integer($0) } ?? .null],
            owner: owner)
        try await events.write([draft]) { try QuotaRepository($0).setLimit(bytes, of: owner.description) }
        return try await usage(of: owner)
    }
}
