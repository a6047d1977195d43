import Foundation
import RucheCore
import RucheImages
import RucheService

/// A record with addresses of its site, and its parts in the words that documents about it share.
struct RecordView: Sendable {
    let record: CatalogueRecord
    let site: RecordConfiguration
    /// `http(s)://HOST[:PORT]`.
    let origin: String

    /// `HOST[:PORT]`, for clients that want no scheme.
    var host: String { String(origin.drop { $0 != ":" }.dropFirst(3)) }
    var page: String { "\(origin)/\(path)" }
    var environmentPage: String { "\(origin)/\(record.name)" }
    private var path: String { record.version.map { "\(record.name)/\($0)" } ?? "\(record.name)" }

    func address(of format: RecordFormat) -> String { "\(page)/metadata/\(format.rawValue)" }
    func page(of version: CatalogueRecord.Version) -> String { "\(environmentPage)/\(version.version)" }
    func resolver(_ ark: ARK) -> String { "\(origin)/\(ark)" }

    /// What to cite: the DOI where there is one, else the ARK at its resolver here.
    var citedAs: String { record.doi.map { "https://doi.org/\($0)" } ?? resolver(record.ark) }
    var summary: String { record.summary ?? "The environment \(record.name)" }
    var title: String {
        record.version.map { "\(record.name) \($0)" } ?? record.name.description
    }
    var year: String { String(date.prefix(4)) }
    /// `YYYY-MM-DD`.
    var date: String { Self.day(record.publishedAt) }

    /// The date of milliseconds since 1970, such as 2026-11-28.
    static func day(_ milliseconds: Int64) -> String { String(Timestamp.text(milliseconds).prefix(10)) }
    static func time(_ milliseconds: Int64) -> String {
        // Validators of RO-Crate want an offset with digits.
        Timestamp.text(milliseconds).prefix(19) + "+00:00"
    }

    /// Who made it; the owner where nobody is named.
    var creators: [Recipe.Author] {
        record.authors.isEmpty ? [Recipe.Author(name: record.name.owner)] : record.authors
    }
    var hasPeople: Bool { !record.authors.isEmpty }

    /// The address of a licence with an SPDX identifier; an expression of several has none.
    var licenseURL: String? {
        guard let license = record.license, license.wholeMatch(of: /[A-Za-z0-9.+\-]{1,60}/) != nil else { return nil }
        return "https://spdx.org/licenses/\(license)"
    }

    /// Only what a browser may follow.
    static func link(_ text: String?) -> String? {
        guard let text, ["http://", "https://"].contains(where: text.lowercased().hasPrefix),
            text.unicodeScalars.allSatisfy({ $0.value > 32 && $0.value != 127 })
        else { return nil }
        return text
    }

    static func orcid(_ author: Recipe.Author) -> String? { author.orcid.map { "https://orcid.org/\($0)" } }

    func address(of file: RecordFile) -> String? {
        guard let version = record.version ?? newest else { return nil }
        let name = record.name
        switch file.place {
        case .manifest(let digest): return "\(origin)/v2/\(name)/manifests/\(digest)"
        case .blob(let digest): return "\(origin)/v2/\(name)/blobs/\(digest)"
        case .document(let kind): return "\(origin)/api/v1/releases/\(name)/\(version)/artifacts/\(kind.rawValue)"
        case .elsewhere(let url): return Self.link(url)
        case .box(let provider, let architecture):
            return
                "\(origin)/\(name.owner)/boxes/\(name.name)/versions/\(version)/providers/\(provider)/\(architecture)/vagrant.box"
        }
    }

    /// The version that a page of an environment shows.
    var newest: ReleaseVersion? { record.newest }

    /// Text without what Markdown means by it, for documents that have plain text.
    var plainDescription: String { record.description ?? record.releaseNotes ?? summary }
}
