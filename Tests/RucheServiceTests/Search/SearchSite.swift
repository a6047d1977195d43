import RucheCore
import RucheService
import RucheStore
import Support
import SystemPackage

/// A database with documents of the search, and what searches it.
struct SearchSite: Sendable {
    let database: SQLiteDatabase
    let search: SearchService

    static func with(_ body: @escaping @Sendable (SearchSite) async throws -> Void) async throws {
        try await Scratch.with { folder in
            let database = try SQLiteDatabase(path: folder.appending("ruche.db"))
            try await body(SearchSite(database: database, search: SearchService(database: database)))
        }
    }

    /// What a test says of a document; `versions` are of one environment, the last one the newest.
    struct Document: Sendable {
        var name: String
        var versions = ["1.0"]
        var words = ""
        var facets: [SearchFacet: [String]] = [:]
        var packages: [String] = []
        var isPublic = true
        var publishedAt: Int64 = 1000
    }

    func save(_ documents: [Document]) async throws {
        try await database.write { connection in
            let repository = SearchRepository(connection)
            for document in documents {
                for version in document.versions {
                    var row = SearchRow(
                        name: document.name, version: version, publishedAt: document.publishedAt, createdAt: 1)
                    row.isPublic = document.isPublic
                    row.shown =
                        #"{"keywords":[],"providers":[],"formats":[],"architectures":[],"os":[],"summary":"\#(document.words)"}"#
                    var entry = SearchEntry(row)
                    entry.nameWords = SearchWords.joined([document.name])
                    entry.words = SearchWords.joined([document.name, document.words])
                    let owner = document.name.prefix { $0 != "/" }
                    entry.facets = [(SearchFacet.owner.rawValue, String(owner))]
                    for (facet, values) in document.facets {
                        entry.facets += values.map { (facet.rawValue, $0) }
                    }
                    entry.packages = document.packages
                    try repository.save(entry)
                }
                try repository.setNewest(document.versions.last ?? "", of: document.name)
            }
        }
    }

    /// `name:version` of the hits.
    func names(_ text: String? = nil, _ change: (inout SearchQuery) -> Void = { _ in }) async throws -> [String] {
        var query = SearchQuery(owners: .all, limit: 100)
        query.text = text
        change(&query)
        return try await search.search(query).hits.map { hit in
            "\(hit.name)" + (hit.version.map { ":\($0)" } ?? "")
        }
    }
}
