/// What people say of an environment, beside what its releases say of themselves.
///
/// A member that is nil was not said: lists and pages then show what the newest release's recipe says.
package struct EnvironmentProfile: Hashable, Sendable, Codable {
    /// One line of plain text.
    package var summary: String?
    /// Markdown (CommonMark); rendered without what could run in a page.
    package var description: String?
    package var visibility: Visibility
    /// An SPDX licence expression.
    package var license: String?
    package var authors: [Recipe.Author]?
    package var keywords: [String]?
    package var homepage: String?

    package init(visibility: Visibility = .private) { self.visibility = visibility }

    package static let longestSummary = 500
    package static let longestDescription = 100_000

    /// Throws `invalid_input` with every member that can't be kept.
    package func check() throws {
        var problems: [Problem] = []
        func limit(_ text: String?, _ path: String, _ bytes: Int) {
            guard let text else { return }
            if text.utf8.count > bytes {
                problems.append(Problem(path: path, message: "this has over \(bytes) bytes"))
            }
            if text.unicodeScalars.contains(where: { $0.value == 0 }) {
                problems.append(Problem(path: path, message: "this has a NUL character"))
            }
        }
        limit(summary, "summary", Self.longestSummary)
        limit(description, "description", Self.longestDescription)
        if let license, let fault = LicenseExpression.fault(in: license) {
            problems.append(
                Problem(
                    path: "license", message: "this \(fault.message)", found: String(license.prefix(80)),
                    allowed: LicenseExpression.rule))
        }
        limit(homepage, "homepage", 2000)
        if let homepage, !homepage.isEmpty, !["http://", "https://"].contains(where: homepage.hasPrefix) {
            problems.append(
                Problem(path: "homepage", message: "this is no address of a web page", allowed: "http(s)://…"))
        }
        for (index, keyword) in (keywords ?? []).enumerated() { limit(keyword, "keywords[\(index)]", 100) }
        for (index, author) in (authors ?? []).enumerated() {
            limit(author.name, "authors[\(index)].name", 200)
            if let orcid = author.orcid, !ORCID.isValid(orcid) {
                problems.append(
                    Problem(
                        path: "authors[\(index)].orcid", message: "this is no ORCID iD", found: orcid,
                        allowed: "such as 0000-0002-1825-0097"))
            }
        }
        guard problems.isEmpty else {
            throw RucheError(.invalidInput, "the environment's description is not valid", problems: problems)
        }
    }
}
