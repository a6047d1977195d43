import RucheCore
import RucheImages
import RucheStore

extension CatalogueIndex {
    /// The identifier of a release, read where it was made before.
    func identifier(of release: Release) async throws -> IdentifierRow {
        let (name, version) = (release.name.description, release.version.description)
        let known = try await database.read { try IdentifierRepository($0).identifier(name: name, version: version) }
        return await Identification(reader: reader).row(release, known: known)
    }

    /// Writes an environment's row, with its identifier and its place in the search in the same transaction.
    func save(_ record: EnvironmentRecord) async throws {
        let row = Self.row(record)
        let identifier = Identification.row(record)
        try await database.write { connection in
            try EnvironmentRepository(connection).save(row)
            try IdentifierRepository(connection).save(identifier)
            try SearchIndex(connection).save(record)
        }
    }

    /// Gives identifiers to what was published before there were any.
    package func identifyAll() async throws {
        for (name, version) in try await database.read({ try IdentifierRepository($0).missing() }) {
            guard let name = EnvironmentName(name) else { continue }
            guard let version = ReleaseVersion(version) else {
                if let record = try await releases.environment(name) { try await save(record) }
                continue
            }
            // What can't be read now is tried again at the next start.
            guard let release = try? await releases.release(name, version) else { continue }
            let row = try await identifier(of: release)
            try await database.write { try IdentifierRepository($0).save(row) }
        }
    }
}
