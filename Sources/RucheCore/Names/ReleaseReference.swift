/// How people name a release: `owner/name[:version-or-tag][@sha256:…]`.
package struct ReleaseReference: Hashable, Sendable, CustomStringConvertible {
    package var name: EnvironmentName
    /// A version or a tag; nil means the newest release that is no pre-release.
    package var selector: String?
    package var digest: Digest?

    package init(name: EnvironmentName, selector: String? = nil, digest: Digest? = nil) {
        self.name = name
        self.selector = selector
        self.digest = digest
    }

    /// Throws `invalid_reference` and says which part is wrong.
    package init(parsing text: String) throws {
        var rest = Substring(text)
        var digest: Digest?
        if let at = rest.firstIndex(of: "@") {
            guard let value = Digest(rest[rest.index(after: at)...]) else {
                throw RucheError(
                    .invalidReference, "\"\(text)\" has no valid digest after \"@\": write @sha256: and 64 hex digits")
            }
            digest = value
            rest = rest[..<at]
        }
        var selector: String?
        if let colon = rest.lastIndex(of: ":") {
            selector = String(rest[rest.index(after: colon)...])
            rest = rest[..<colon]
        }
        guard let name = EnvironmentName(rest) else {
            throw RucheError(
                .invalidReference,
                "\"\(text)\" is not a release: write owner/name[:version], lower case, with an owner that is not reserved"
            )
        }
        if let selector, !Self.isTag(selector) {
            throw RucheError(.invalidReference, "\"\(selector)\" in \"\(text)\" is neither a version nor a tag")
        }
        self.init(name: name, selector: selector, digest: digest)
    }

    package var description: String {
        name.description + (selector.map { ":\($0)" } ?? "") + (digest.map { "@\($0)" } ?? "")
    }

    /// An OCI tag (distribution specification 1.1).
    package static func isTag(_ text: String) -> Bool {
        text.wholeMatch(of: /[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}/) != nil
    }
}
