import RucheCore

/// What a client takes, by its `Accept` (RFC 9110, 12.5.1).
struct AcceptedTypes {
    private struct Range {
        var type: Substring
        var subtype: Substring
        var parameters: [String]
        var quality: Double

        /// How exactly it names a type; nil where it does not.
        func rank(_ offered: Range) -> Int? {
            if type == "*", subtype == "*" { return 0 }
            guard type == offered.type else { return nil }
            if subtype == "*" { return 1 }
            guard subtype == offered.subtype, parameters.allSatisfy(offered.parameters.contains) else { return nil }
            return 2 + parameters.count
        }
    }

    private let ranges: [Range]

    /// Without a header everything is taken.
    init(_ header: String?) {
        guard let header, header.contains(where: { !$0.isWhitespace }) else {
            ranges = Self.parse("*/*")
            return
        }
        ranges = Self.parse(header)
    }

    /// From 0 to 1; the most exact range decides.
    func quality(of mediaType: String) -> Double {
        guard let offered = Self.parse(mediaType).first else { return 0 }
        let found = ranges.compactMap { range in range.rank(offered).map { (rank: $0, quality: range.quality) } }
        return found.max { ($0.rank, $0.quality) < ($1.rank, $1.quality) }?.quality ?? 0
    }

    /// Whether a type is asked for by its own name.
    func names(_ mediaType: String) -> Bool {
        Self.parse(mediaType).first.map { offered in ranges.contains { ($0.rank(offered) ?? 0) >= 2 } } ?? false
    }

    /// The offer that is liked best, the first among equals; nil when none is taken.
    func best<Offer>(_ offers: [Offer], _ types: (Offer) -> [String]) -> Offer? {
        var best: (offer: Offer, quality: Double)?
        for offer in offers {
            let quality = types(offer).map { self.quality(of: $0) }.max() ?? 0
            if quality > best?.quality ?? 0 { best = (offer, quality) }
        }
        return best?.offer
    }

    /// Whether it is a person's browser rather than a program.
    var prefersPages: Bool {
        names("text/html") && quality(of: "text/html") >= quality(of: "application/json")
    }

    private static func parse(_ header: String) -> [Range] {
        split(header, at: ",").prefix(100).compactMap { element in
            let parts = split(element, at: ";").map(trimmed)
            let names = parts.first?.lowercased().split(separator: "/", omittingEmptySubsequences: false) ?? []
            guard names.count == 2, !names[0].isEmpty, !names[1].isEmpty else { return nil }
            var range = Range(type: names[0], subtype: names[1], parameters: [], quality: 1)
            for part in parts.dropFirst() {
                let pair = part.split(separator: "=", maxSplits: 1).map(trimmed)
                guard pair.count == 2 else { continue }
                if pair[0].lowercased() == "q" {
                    range.quality = min(1, max(0, Double(pair[1]) ?? 0))
                    break  // what follows is of the range, not of the type
                }
                range.parameters.append("\(pair[0].lowercased())=\(pair[1].filter { $0 != "\"" })")
            }
            return range
        }
    }

    /// Not inside quotes.
    private static func split(_ text: some StringProtocol, at separator: Character) -> [String] {
        var parts = [""]
        var isQuoted = false
        for character in text {
            if character == "\"" { isQuoted.toggle() }
            if character == separator, !isQuoted {
                parts.append("")
            } else {
                parts[parts.count - 1].append(character)
            }
        }
        return parts
    }

    private static func trimmed(_ text: some StringProtocol) -> String {
        var rest = Substring(text)
        while rest.first?.isWhitespace == true { rest.removeFirst() }
        while rest.last?.isWhitespace == true { rest.removeLast() }
        return String(rest)
    }
}
