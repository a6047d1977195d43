/// Names and versions of packages, which are free text, as names and versions of releases.
package enum PackageNaming {
    /// `owner/name` from the name that a manifest gives; nil when nothing of it can be used.
    package static func name(_ text: String, owner: String) -> EnvironmentName? {
        if let name = EnvironmentName(text) { return name }
        let slug = slug(text.lowercased(), allowed: { $0.isASCII && ($0.isLetter || $0.isNumber) })
        return EnvironmentName("\(owner)/\(slug.prefix(64).trimmed)")
    }

    /// The version that a manifest gives, as a release can have it: without a leading `v`, `+` as `-`, anything
    /// else that is not allowed as `-`. Nil when nothing of it can be used.
    package static func version(_ text: String) -> ReleaseVersion? {
        if let version = ReleaseVersion(text) { return version }
        var text = text[...]
        if let first = text.first, "vV".contains(first) { text = text.dropFirst() }
        if let version = ReleaseVersion(text) { return version }
        let slug = slug(String(text), allowed: { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == ".") })
            .prefix(100).trimmed
        return ReleaseVersion(slug) ?? ReleaseVersion("0-\(slug.replacing(".", with: "-"))")
    }

    private static func slug(_ text: String, allowed: (Character) -> Bool) -> String {
        var result = ""
        for character in text {
            if allowed(character) {
                result.append(character)
            } else if !result.isEmpty, result.last != "-" {
                result.append("-")
            }
        }
        return result[...].trimmed
    }
}

extension Substring {
    /// Without separators at its ends.
    fileprivate var trimmed: String {
        var text = self
        while let last = text.last, "-.".contains(last) { text.removeLast() }
        while let first = text.first, "-.".contains(first) { text.removeFirst() }
        return String(text)
    }
}
