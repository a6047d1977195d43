package import RucheCore
import RucheImages
package import RucheStore

/// What harvesters of everybody's records ask.
extension RecordService {
    package func harvest(
        owner: OwnerName?, in range: Range<Int64>, after cursor: HarvestRow?, limit: Int
    ) async throws -> [HarvestRow] {
        try await database.read {
            try HarvestRepository($0).rows(owner: owner?.description, in: range, after: cursor, limit: limit)
        }
    }

    /// What the records of an environment's releases share.
    private struct Shared {
        let record: CatalogueRecord
        /// Those that stand, newest first, and where each is.
        let standing: [CatalogueRecord.Version]
        let places: [String: Int]

        init(_ record: CatalogueRecord) {
            standing = record.versions.filter { $0.revokedReason == nil }
            places = Dictionary(
                standing.enumerated().map { ($1.version.description, $0) }, uniquingKeysWith: { first, _ in first })
            self.record = record
        }

        /// Those before and after a version, newest first.
        func neighbours(of version: ReleaseVersion) -> [CatalogueRecord.Version] {
            guard let place = places[version.description] else { return [] }
            let newer = standing[..<place].last { $0.version > version }
            let older = standing[place...].first { $0.version < version }
            return [newer, older].compactMap(\.self)
        }
    }

    /// The records of a page, by their rows; what was removed since is not among them. Of an environment is read once
    /// what is said of it, and its versions only with `neighbours`: a record then has those before and after its own.
    package func records(of rows: [HarvestRow], neighbours: Bool) async throws -> [HarvestRow: CatalogueRecord] {
        var known: [String: Shared] = [:]
        var records: [HarvestRow: CatalogueRecord] = [:]
        for row in rows {
            guard let name = EnvironmentName(row.name), let version = ReleaseVersion(row.version),
                let release = try await catalogue.releases.release(name, version)
            else { continue }
            if known[row.name] == nil, let environment = try await environments.store.environment(name) {
                known[row.name] = Shared(try await base(environment, withVersions: neighbours))
            }
            guard let shared = known[row.name] else { continue }
            var record = try await record(of: release, in: shared.record)
            record.versions = shared.neighbours(of: version)
            records[row] = record
        }
        return records
    }

    /// Nil for what is not there, and for what is not for everybody.
    package func harvested(_ name: EnvironmentName, _ version: ReleaseVersion) async throws -> HarvestRow? {
        try await database.read {
            try HarvestRepository($0).row(name: name.description, version: version.description)
        }
    }

    package func harvestedOwners() async throws -> [String] {
        try await database.read { try HarvestRepository($0).owners() }
    }

    /// Milliseconds since 1970.
    package func earliestChange() async throws -> Int64 {
        try await database.read { try HarvestRepository($0).earliest() } ?? 0
    }
}
