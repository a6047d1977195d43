/// An Archival Resource Key: `ark:/NAAN/NAME`, where the name ends with its check character.
///
/// The name is made from what it names, so that it is the same whenever and wherever it is made: what an index has lost
/// is found again, and a copy on another site answers to it too. Only the check character depends on the NAAN.
package struct ARK: Hashable, Sendable, CustomStringConvertible {
    /// The authority that assigned it; 99999 is for tests.
    package let naan: String
    /// Shoulder and blade, without the check character.
    package let stem: String

    /// Five characters and more, of the alphabet of names (ARK specification, 2.3).
    package static let testNAAN = "99999"

    package init(naan: String, stem: String) {
        self.naan = naan
        self.stem = stem
    }

    package var name: String { stem + String(NOIDCheck.character(for: "\(naan)/\(stem)")) }
    package var description: String { "ark:/\(naan)/\(name)" }

    package static func isNAAN(_ text: some StringProtocol) -> Bool {
        (5...9).contains(text.utf8.count) && text.allSatisfy { NOIDCheck.alphabet.contains($0) }
    }

    /// The stem for a kind of thing and 32 bytes that are a digest of what it is.
    package static func stem(shoulder: String, digest: some Sequence<UInt8>) -> String {
        // Sixteen characters: the check holds for fewer than 29 in all, NAAN and slash included.
        var value = digest.prefix(16).reduce(UInt128(0)) { $0 << 8 | UInt128($1) }
        var characters: [Character] = []
        for _ in 0..<16 {
            characters.append(NOIDCheck.alphabet[Int(value % 29)])
            value /= 29
        }
        return shoulder + String(characters)
    }

    /// Reads `ark:/NAAN/NAME` or `ark:NAAN/NAME`, in any case of the label and also as an address that ends with it.
    /// Hyphens mean nothing. Throws `invalid_reference` that says what is wrong.
    package init(parsing text: some StringProtocol) throws {
        var rest = Substring(text)
        if rest.hasPrefix("http://") || rest.hasPrefix("https://"), let label = rest.firstRange(of: "/ark:") {
            rest = rest[rest.index(after: label.lowerBound)...]
        }
        func wrong(_ why: String) -> RucheError {
            RucheError(.invalidReference, "\"\(text.prefix(100))\" is no ARK of a catalogue: \(why)")
        }
        guard rest.prefix(4).lowercased() == "ark:" else { throw wrong("write ark:/NAAN/NAME") }
        rest = rest.dropFirst(4)
        if rest.first == "/" { rest = rest.dropFirst() }
        let parts = rest.filter { !"-\u{2010}\u{2011}\u{2012}\u{2013}".contains($0) }
            .split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, Self.isNAAN(parts[0]) else {
            throw wrong("after \"ark:/\" comes the number of an authority, a slash and a name")
        }
        guard (4...64).contains(parts[1].utf8.count), parts[1].allSatisfy({ NOIDCheck.alphabet.contains($0) }) else {
            throw wrong("the name has a character that is none of digits and lower-case consonants")
        }
        let stem = String(parts[1].dropLast())
        guard parts[1].last == NOIDCheck.character(for: "\(parts[0])/\(stem)") else {
            throw wrong("its check character does not fit, so a character is wrong or missing")
        }
        self.init(naan: String(parts[0]), stem: stem)
    }

    /// Whether a text is meant to be one.
    package static func isMeant(_ text: some StringProtocol) -> Bool {
        text.prefix(4).lowercased() == "ark:"
            || (text.hasPrefix("http://") || text.hasPrefix("https://")) && text.contains("/ark:")
    }
}
