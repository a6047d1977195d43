import RucheCore

/// The start tags of an XML document, in order, with their attributes: all that is read of an OVF.
///
/// Names are without their prefixes. A document that defines entities is refused, so nothing can grow or be fetched.
struct MarkupTags {
    struct Tag {
        var name: String
        var attributes: [String: String]
    }

    let tags: [Tag]

    /// Throws `invalid_archive` for what is no XML or defines entities.
    init(_ bytes: [UInt8]) throws {
        guard let text = String(validating: bytes, as: UTF8.self) else { throw Self.refusal("is not in UTF-8") }
        var rest = text[...]
        var tags: [Tag] = []
        while let start = rest.firstIndex(of: "<") {
            rest = rest[start...]
            if try Self.skip(&rest, "<!--", "-->") || Self.skip(&rest, "<![CDATA[", "]]>") { continue }
            if try Self.skip(&rest, "<?", "?>") || Self.skip(&rest, "</", ">") { continue }
            guard !rest.hasPrefix("<!") else { throw Self.refusal("defines its own kind of document") }
            tags.append(try Self.tag(&rest))
        }
        self.tags = tags
    }

    func all(_ name: String) -> [Tag] { tags.filter { $0.name == name } }

    private static func skip(_ rest: inout Substring, _ open: String, _ close: String) throws -> Bool {
        guard rest.hasPrefix(open) else { return false }
        guard let end = rest.firstRange(of: close) else { throw refusal("ends within \"\(open)\"") }
        rest = rest[end.upperBound...]
        return true
    }

    private static func tag(_ rest: inout Substring) throws -> Tag {
        rest.removeFirst()
        var tag = Tag(name: local(take(&rest)), attributes: [:])
        while true {
            rest = rest.drop { $0.isWhitespace }
            guard let next = rest.first else { throw refusal("ends within the tag \"\(tag.name.prefix(60))\"") }
            if next == ">" || next == "/" {
                guard let end = rest.firstIndex(of: ">") else { throw refusal("ends within a tag") }
                rest = rest[rest.index(after: end)...]
                return tag
            }
            let name = local(take(&rest))
            rest = rest.drop { $0.isWhitespace }
            let sign = rest.popFirst()
            rest = rest.drop { $0.isWhitespace }
            guard !name.isEmpty, sign == "=", let quote = rest.popFirst(), quote == "\"" || quote == "'",
                let end = rest.firstIndex(of: quote)
            else { throw refusal("has a tag \"\(tag.name.prefix(60))\" that can't be read") }
            tag.attributes[name] = unescape(rest[..<end])
            rest = rest[rest.index(after: end)...]
        }
    }

    private static func take(_ rest: inout Substring) -> Substring {
        let word = rest.prefix { !$0.isWhitespace && !"=/>\"'<".contains($0) }
        rest = rest[word.endIndex...]
        return word
    }

    private static func local(_ name: Substring) -> String {
        name.split(separator: ":", omittingEmptySubsequences: false).last.map(String.init) ?? ""
    }

    private static func unescape(_ text: Substring) -> String {
        guard text.contains("&") else { return String(text) }
        var result = String(text)
        for (entity, character) in [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&apos;", "'"), ("&amp;", "&")] {
            result = result.replacing(entity, with: character)
        }
        return result
    }

    private static func refusal(_ reason: String) -> RucheError {
        RucheError(.invalidArchive, "the description of the appliance \(reason)")
    }
}
