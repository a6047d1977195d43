package import RucheCore
package import RucheImages
package import RucheStore

/// Environments: what people say of them, who may see them, and versions that are being put together.
package struct EnvironmentService: Sendable {
    let store: any CatalogueStore
    let content: any ContentStore
    let database: any SQLDatabase
    package let catalogue: CatalogueService
    package let search: SearchService
    package var space: SpaceService { SpaceService(database) }
    let events: any EventLog
    /// Keeps what is written from the garbage collector until it has a name.
    let lease: @Sendable () throws -> ContentLease
    let now: @Sendable () -> Int64

    package init(
        store: any CatalogueStore, database: any SQLDatabase, catalogue: CatalogueService, events: any EventLog,
        now: @escaping @Sendable () -> Int64 = SystemTime.milliseconds,
        lease: @escaping @Sendable () throws -> ContentLease
    ) {
        self.store = store
        content = catalogue.content
        self.database = database
        self.catalogue = catalogue
        search = SearchService(database: database)
        self.events = events
        self.lease = lease
        self.now = now
    }

    /// Throws `not_found`.
    package func environment(_ name: EnvironmentName) async throws -> EnvironmentRecord {
        guard let record = try await store.environment(name) else { throw Self.missing(name) }
        return record
    }

    /// By name; those of `owners`, and those that everybody may see.
    package func list(
        after cursor: String? = nil, owners: OwnerSelection, limit: Int
    ) async throws -> (records: [EnvironmentRecord], next: String?) {
        let rows = try await database.read {
            try EnvironmentRepository($0).environments(after: cursor, owners: owners.names, limit: limit + 1)
        }
        var records: [EnvironmentRecord] = []
        for row in rows.prefix(limit) {
            // Removed since: left out.
            guard let name = EnvironmentName(row.name), let record = try await store.environment(name) else { continue }
            records.append(record)
        }
        return (records, rows.count > limit ? rows[limit - 1].name : nil)
    }

    /// Whether anybody may see an environment and fetch its releases.
    package func isPublic(_ name: EnvironmentName) async throws -> Bool {
        try await catalogue.visibility.allows(.anonymous, toSee: name)
    }

    /// Throws `conflict` when there is one already, unless it is to be replaced. `mirrorOf` is the site of which it
    /// is a copy.
    package func create(
        _ name: EnvironmentName, _ profile: EnvironmentProfile, mirrorOf site: String? = nil, isReplacing: Bool = false
    ) async throws -> EnvironmentRecord {
        try profile.check()
        let time = now()
        let record = try await store.changeEnvironment(name) { old in
            guard old == nil || isReplacing else { throw RucheError(.conflict, "\(name) is here already") }
            var record = EnvironmentRecord(name: name, profile: profile, createdAt: time)
            record.mirrorOf = site
            return record
        }
        try await save(record, "environment.created")
        return record
    }

    /// Throws `not_found`.
    package func update(
        _ name: EnvironmentName, _ change: @Sendable @escaping (inout EnvironmentProfile) throws -> Void
    ) async throws -> EnvironmentRecord {
        let time = now()
        let record = try await store.changeEnvironment(name) { old in
            guard var record = old else { throw Self.missing(name) }
            try change(&record.profile)
            try record.profile.check()
            record.updatedAt = time
            return record
        }
        try await save(record, "environment.changed")
        return record
    }

    /// With its drafts and what was pushed, and, when it is private, with what stayed of its removed releases. Throws
    /// `conflict` while it has releases.
    package func remove(_ name: EnvironmentName) async throws {
        _ = try await environment(name)
        try await store.removeEnvironment(name)
        let buried = Set(try await store.tombstones().tombstones.map(\.stem))
        try await database.write { connection in
            let removed = RemovedReleaseRepository(connection)
            for stem in try removed.stems(of: name.description) where !buried.contains(stem) {
                try removed.remove(stem: stem)
            }
            try EnvironmentRepository(connection).remove(name.description)
            try SearchRepository(connection).remove(name.description)
            try IdentifierRepository(connection).remove(name: name.description, version: "")
        }
        try await tell(name, "environment.removed")
    }

    package func downloads(of name: EnvironmentName, version: ReleaseVersion? = nil) async throws -> Int64 {
        try await database.read {
            try EnvironmentRepository($0).downloads(of: name.description, version: version?.description)
        }
    }

    private func save(_ record: EnvironmentRecord, _ kind: String) async throws {
        try await catalogue.index.save(record)
        try await tell(record.name, kind, ["visibility": .string(record.profile.visibility.rawValue)])
    }

    func tell(_ name: EnvironmentName, _ kind: String, _ data: JSONValue = [:]) async throws {
        try await events.append([
            EventDraft(subject: "environment:\(name)", kind: kind, data: data, owner: name.ownerName)
        ])
    }

    static func missing(_ name: EnvironmentName) -> RucheError {
        RucheError(.notFound, "\(name) is not in the catalogue")
    }
}

extension EnvironmentService {
    /// Every environment of an owner, by name.
    package func all(of owner: OwnerName, isPublicOnly: Bool) async throws -> [EnvironmentRecord] {
        let rows = try await database.read {
            try EnvironmentRepository($0).environments(owners: [owner.description], orPublic: false, limit: .max)
        }.filter { !isPublicOnly || $0.visibility == Visibility.public.rawValue }
        return try await records(rows)
    }

    private func records(_ rows: [EnvironmentRow]) async throws -> [EnvironmentRecord] {
        var records: [EnvironmentRecord] = []
        for name in rows.compactMap({ EnvironmentName($0.name) }) {
            // Removed since: left out.
            if let record = try await store.environment(name) { records.append(record) }
        }
        return records
    }

    /// Counts a download. What can't be counted is not worth a failed download.
    @Sendable package func count(_ name: EnvironmentName, _ version: ReleaseVersion, variant: String) async {
        try? await database.write { connection in
            try EnvironmentRepository(connection).count(
                1, of: name.description, version: version.description, variant: variant)
            try SearchRepository(connection).countDownload(of: name.description, version: version.description)
        }
    }

    /// With every release. Throws `invalid_state` while a job needs one.
    package func removeWithReleases(_ name: EnvironmentName) async throws {
        for version in try await catalogue.versions(of: name) {
            try await catalogue.remove(ReleaseReference(name: name, selector: version.description))
        }
        try await remove(name)
    }
}
