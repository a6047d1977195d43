package import RucheCore

/// An environment, as `GET /api/v1/environments/{owner}/{name}` shows it.
package struct EnvironmentDocument: Codable, Hashable, Sendable {
    package var name: EnvironmentName
    package var visibility: Visibility
    package var summary: String?
    /// Markdown.
    package var description: String?
    package var license: String?
    package var authors: [Recipe.Author]
    package var keywords: [String]
    package var homepage: String?
    /// How often its variants were fetched.
    package var downloads: Int64
    /// Milliseconds since 1970.
    package var createdAt: Int64
    package var updatedAt: Int64
    /// The site of which it is a copy that nothing else changes.
    package var mirrorOf: String?

    package init(
        name: EnvironmentName, profile: EnvironmentProfile, downloads: Int64, createdAt: Int64, updatedAt: Int64
    ) {
        self.name = name
        visibility = profile.visibility
        summary = profile.summary
        description = profile.description
        license = profile.license
        authors = profile.authors ?? []
        keywords = profile.keywords ?? []
        homepage = profile.homepage
        self.downloads = downloads
        self.createdAt = createdAt
        self.updatedAt = updatedAt
    }
}

/// What `POST /api/v1/environments` and `PATCH /api/v1/environments/{owner}/{name}` take: members that are not given
/// stay as they are, and an empty text or list takes a member away.
package struct EnvironmentRequest: Codable, Hashable, Sendable {
    /// Needed to make one.
    package var name: EnvironmentName?
    package var visibility: Visibility?
    package var summary: String?
    package var description: String?
    package var license: String?
    package var authors: [Recipe.Author]?
    package var keywords: [String]?
    package var homepage: String?

    package init(name: EnvironmentName? = nil) { self.name = name }

    package func apply(to profile: inout EnvironmentProfile) {
        func text(_ new: String?, _ old: inout String?) { if let new { old = new.isEmpty ? nil : new } }
        if let visibility { profile.visibility = visibility }
        text(summary, &profile.summary)
        text(description, &profile.description)
        text(license, &profile.license)
        text(homepage, &profile.homepage)
        if let authors { profile.authors = authors.isEmpty ? nil : authors }
        if let keywords { profile.keywords = keywords.isEmpty ? nil : keywords }
    }
}
