import RucheCore
import RucheImages
import RucheStore

/// What a release says of itself, for the search. Kept, so that a change of its environment needs no look at it.
struct SearchSource: Codable, Sendable {
    var summary: String?
    var description: String?
    var license: String?
    var authors: [String] = []
    var keywords: [String] = []
    var providers: [String] = []
    var formats: [String] = []
    var architectures: [String] = []
    var os: [String] = []
    /// Packages that its recipe names; what they brought with them is found, but not counted.
    var software: [String] = []
    var revokedReason: String?

    /// The document of a release, or of an environment alone.
    static func entry(
        _ record: EnvironmentRecord, release row: ReleaseRow?, _ source: SearchSource, packages: [String]? = nil
    ) throws -> SearchEntry {
        var document = SearchRow(
            name: record.name.description, version: row?.version ?? "",
            publishedAt: row?.publishedAt ?? record.updatedAt, createdAt: record.createdAt)
        document.digest = row?.digest ?? ""
        document.isStanding = row?.revokedAt == nil
        document.source = try JSONText.encode(source)
        return try entry(record, document, source, packages: packages)
    }

    /// With what is said of the environment now.
    static func entry(
        _ record: EnvironmentRecord, _ document: SearchRow, _ source: SearchSource, packages: [String]? = nil
    ) throws -> SearchEntry {
        let profile = record.profile
        var document = document
        document.isPublic = profile.visibility == .public
        document.createdAt = record.createdAt
        let shown = SearchShown(
            summary: profile.summary ?? source.summary, license: profile.license ?? source.license,
            keywords: profile.keywords ?? source.keywords, providers: source.providers, formats: source.formats,
            architectures: source.architectures, os: source.os, revokedReason: source.revokedReason)
        document.shown = try JSONText.encode(shown)
        var entry = SearchEntry(document)
        entry.nameWords = SearchWords.joined([document.name])
        entry.words = SearchWords.joined(
            [document.name, shown.summary, profile.description ?? source.description, shown.license]
                + shown.keywords + (profile.authors?.map(\.name) ?? source.authors) + source.software + source.os)
        let values: [SearchFacet: [String]] = [
            .owner: [record.name.owner], .provider: shown.providers, .format: shown.formats,
            .architecture: shown.architectures, .os: shown.os, .software: source.software,
            .keyword: shown.keywords, .license: shown.license.map(licenses) ?? [],
        ]
        entry.facets = values.flatMap { facet, values in values.map { (facet.rawValue, $0) } }
        entry.packages = packages
        return entry
    }

    /// The licences of an SPDX expression, each by itself.
    private static func licenses(_ expression: String) -> [String] {
        var result: [String] = []
        var isException = false
        for word in expression.split(whereSeparator: { $0.isWhitespace || "()".contains($0) }) {
            switch word.uppercased() {
            case "AND", "OR": continue
            case "WITH": isException = true
            default:
                if !isException { result.append(String(word)) }
                isException = false
            }
        }
        return result
    }
}
