package import RucheCore
package import RucheStore

/// What owners, environments and releases take.
package struct SpaceService: Sendable {
    private let database: any SQLDatabase

    package init(_ database: any SQLDatabase) { self.database = database }

    package func owners() async throws -> (rows: [SpaceRow], bytes: Int64) {
        try await database.read { (try SpaceRepository($0).use(.owners), try SpaceRepository($0).bytes()) }
    }

    package func environments(of owner: OwnerName) async throws -> (rows: [SpaceRow], bytes: Int64) {
        try await database.read { connection in
            let space = SpaceRepository(connection)
            return (try space.use(.environments(owner: owner.description)), try space.bytes(of: owner.description))
        }
    }

    /// Releases by their version, `draft:VERSION`, `manifest:HEX` for what was pushed under no version, and `pushed`
    /// for blobs that wait for their manifest.
    package func sources(of name: EnvironmentName) async throws -> (rows: [SpaceRow], bytes: Int64) {
        try await database.read { connection in
            let space = SpaceRepository(connection)
            let rows = try space.use(.sources(name: name.description)).map { row in
                var row = row
                row.name = String(row.name.dropFirst(name.description.count + 1))
                if row.name.hasPrefix("release:") { row.name = String(row.name.dropFirst(8)) }
                return row
            }
            return (rows, try space.bytes(name: name.description))
        }
    }
}
