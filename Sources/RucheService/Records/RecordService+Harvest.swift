package import RucheCore
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
