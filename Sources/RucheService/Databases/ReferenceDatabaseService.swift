package import RucheCore
import RucheHost
package import RucheStore
package import SystemPackage

/// Reference databases: named, versioned, hashed, copied once and never changed. Events: `database.added`,
/// `database.removed`.
package struct ReferenceDatabaseService: Sendable {
    private let data: FilePath
    private let database: any SQLDatabase
    private let events: DatabaseEventLog
    private let operations: any OperationRunning
    private let now: @Sendable () -> Int64

    package init(
        data: FilePath, database: any SQLDatabase, events: DatabaseEventLog, operations: any OperationRunning,
        now: @escaping @Sendable () -> Int64 = SystemTime.milliseconds
    ) {
        self.data = data
        self.database = database
        self.events = events
        self.operations = operations
        self.now = now
    }

    /// Copies a folder of this machine and hashes it, as an operation. Throws `conflict` for a version that is here.
    package func add(_ reference: DatabaseReference, folder: String) async throws -> OperationRecord {
        guard let version = reference.version else {
            throw RucheError(.invalidInput, "a reference database has a version: say \(reference.name):VERSION")
        }
        guard folder.hasPrefix("/"), FileTree.isFolder(FilePath(folder)) else {
            throw RucheError(.invalidInput, "there is no folder \"\(folder.prefix(200))\" on the server's machine")
        }
        guard try await databases(name: reference.name).allSatisfy({ $0.version != version }) else {
            throw RucheError(.conflict, "the database \(reference) is here: a version never changes, add another one")
        }
        return try await operations.start(kind: "database-add", title: "add the database \(reference)") { _ in
            try JSONValue(encoding: try await copy(reference.name, version, FilePath(folder)))
        }
    }

    private func copy(_ name: String, _ version: String, _ source: FilePath) async throws -> ReferenceDatabase {
        let target = Self.folder(data, name, version)
        let parent = target.removingLastComponent()
        let temporary = parent.appending(".adding-\(version)")
        do {
            try FileTree.makeFolder(parent)
            try FileTree.remove(temporary)
            try FileTree.makeFolder(temporary)
            try await DatabaseListing.copy(source, to: temporary)
            // What was copied is hashed, so that the record tells of what jobs will read.
            let listing = try await DatabaseListing.read(temporary)
            try AtomicFile.rename(temporary, to: target)
            let row = ReferenceDatabaseRow(
                name: name, version: version, digest: listing.digest.description, size: listing.size,
                files: Int64(listing.files.count), createdAt: now())
            try await events.write([Self.event("database.added", name, version)]) {
                try ReferenceDatabaseRepository($0).add(row)
            }
            guard let database = ReferenceDatabase(row) else { throw RucheError(.internalError, "no digest") }
            return database
        } catch let error as Errno {
            try? FileTree.remove(temporary)  // the first error is the one to report
            throw RucheError.storage(error, "copy the database to", target)
        }
    }

    package func databases(name: String? = nil) async throws -> [ReferenceDatabase] {
        try await database.read { try ReferenceDatabaseRepository($0).databases(name: name) }
            .compactMap(ReferenceDatabase.init)
    }

    /// The database, the newest version when none is named. Throws `not_found`.
    package func database(_ reference: DatabaseReference) async throws -> ReferenceDatabase {
        let all = try await databases(name: reference.name)
        guard let found = all.first(where: { reference.version == nil || $0.version == reference.version }) else {
            throw RucheError(.notFound, "there is no reference database \(reference)")
        }
        return found
    }

    /// Reads every file again, as an operation. It fails with `corrupt_content` when the digest is another one.
    package func verify(_ reference: DatabaseReference) async throws -> OperationRecord {
        let known = try await database(reference)
        let folder = Self.folder(data, known.name, known.version)
        return try await operations.start(kind: "database-verify", title: "verify the database \(reference)") { _ in
            let digest = try await DatabaseListing.read(folder).digest
            guard digest == known.digest else {
                throw RucheError(
                    .corruptContent, "the database \(known.reference) is not what was added: \(digest)",
                    details: ["expected": known.digest.description, "actual": digest.description])
            }
            return try JSONValue(encoding: known)
        }
    }

    /// Removes a version. Throws `in_use` while a job that is not over has it.
    package func remove(_ reference: DatabaseReference) async throws {
        let known = try await database(reference)
        let jobs = try await database.read { try JobRepository($0).unfinished() }
        for row in jobs {
            let job = try JobRecord(row: row)
            guard job.references?.contains(where: { $0.reference == known.reference }) == true else { continue }
            throw RucheError(.inUse, "the database \(known.reference) is in use by job \(job.id)")
        }
        try await events.write([Self.event("database.removed", known.name, known.version)]) {
            try ReferenceDatabaseRepository($0).remove(name: known.name, version: known.version)
        }
        try FileTree.remove(Self.folder(data, known.name, known.version))
    }

    /// Where a version is: `<data>/databases/<name>/<version>`.
    static func folder(_ data: FilePath, _ name: String, _ version: String) -> FilePath {
        data.appending("databases").appending(name).appending(version)
    }

    private static func event(_ kind: String, _ name: String, _ version: String) -> EventDraft {
        EventDraft(subject: "database:\(name):\(version)", kind: kind, data: [:])
    }
}
