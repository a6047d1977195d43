import RucheCore
import RucheImages
import RucheStore

/// Keeps the documents of the search as the catalogue says, in the transaction of what changes it.
struct SearchIndex {
    private let repository: SearchRepository

    init(_ connection: any SQLConnection) { repository = SearchRepository(connection) }

    func save(
        _ record: EnvironmentRecord, _ row: ReleaseRow, _ source: SearchSource, _ packages: [String]
    ) throws {
        try repository.save(try SearchSource.entry(record, release: row, source, packages: packages))
        try chooseNewest(of: row.name)
    }

    /// What is said of an environment is said of each of its releases.
    func save(_ record: EnvironmentRecord) throws {
        let name = record.name.description
        for row in try repository.rows(of: name) where !row.version.isEmpty {
            let source = try JSONText.decode(SearchSource.self, row.source)
            try repository.save(try SearchSource.entry(record, row, source))
        }
        try repository.save(try SearchSource.entry(record, release: nil, SearchSource()))
        try chooseNewest(of: name)
    }

    /// Something came to an environment; of one that has releases, their own documents tell.
    func touch(_ record: EnvironmentRecord) throws {
        let own = try repository.row(record.name.description, "")
        if own == nil || own?.isNewest == true { try save(record) }
    }

    func remove(_ name: EnvironmentName, _ version: ReleaseVersion) throws {
        try repository.remove(name.description, version: version.description)
        try chooseNewest(of: name.description)
    }

    func rebuild(
        _ records: [EnvironmentRecord], _ releases: [ReleaseRow],
        _ source: (ReleaseRow) -> (source: SearchSource, packages: [String])
    ) throws {
        try repository.removeAll()
        let rows = Dictionary(grouping: releases, by: \.name)
        for record in records {
            try repository.save(try SearchSource.entry(record, release: nil, SearchSource()))
            for row in rows[record.name.description] ?? [] {
                let (source, packages) = source(row)
                try repository.save(try SearchSource.entry(record, release: row, source, packages: packages))
            }
            try chooseNewest(of: record.name.description)
        }
    }

    /// Which documents there are, to be compared with the catalogue.
    func marks() throws -> Set<String> { Set(try repository.rows().map { "\($0.name):\($0.version)@\($0.digest)" }) }

    /// The newest release that stands and is no pre-release, or a pre-release; the environment itself without any.
    private func chooseNewest(of name: String) throws {
        let standing = try repository.standingVersions(of: name).compactMap { ReleaseVersion($0) }
        let newest = standing.filter { !$0.isPrerelease }.max() ?? standing.max()
        try repository.setNewest(newest?.description ?? "", of: name)
    }
}
