/// A package that is looked for: `NAME`, or `NAME==VERSION` (also `NAME=VERSION`).
package struct SoftwareSelector: Hashable, Sendable {
    package var name: String
    package var version: String?

    /// Throws `invalid_input` for what names no package.
    package init(parsing text: String) throws {
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        name = parts[0].trimmingBlanks
        var version = parts.count > 1 ? String(parts[1]) : nil
        if version?.hasPrefix("=") == true { version?.removeFirst() }
        self.version = version?.trimmingBlanks
        guard !name.isEmpty, self.version?.isEmpty != true, text.utf8.count <= 200,
            !text.unicodeScalars.contains(where: { $0.value < 32 })
        else {
            throw RucheError(
                .invalidInput, "\"\(text.prefix(80))\" is no software to look for: write NAME or NAME==VERSION")
        }
    }

    /// Whether a package has this version: all of it, or the part that its maker gave it. `1.16` is found as
    /// `1:1.16+dfsg-2` too.
    package func matches(_ found: String) -> Bool {
        guard let version, version != found else { return true }
        var upstream = found[...]
        if let colon = upstream.firstIndex(of: ":"), upstream[..<colon].allSatisfy(\.isNumber) {
            upstream = upstream[upstream.index(after: colon)...]
        }
        if let dash = upstream.lastIndex(of: "-") { upstream = upstream[..<dash] }
        return upstream == version || upstream.prefix { $0 != "+" && $0 != "~" } == version
    }
}

extension Substring {
    fileprivate var trimmingBlanks: String { String(self).trimmingBlanks }
}

extension String {
    fileprivate var trimmingBlanks: String {
        let start = drop(while: \.isWhitespace)
        return String(start.reversed().drop(while: \.isWhitespace).reversed())
    }
}
