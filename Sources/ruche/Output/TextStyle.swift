/// A colour or weight of a terminal (ECMA-48, select graphic rendition).
enum TextStyle: String, Sendable {
    case bold = "1"
    case dim = "2"
    case red = "31"
    case green = "32"
    case yellow = "33"
    case blue = "34"
    case cyan = "36"

    func apply(_ text: String) -> String { "\u{1B}[\(rawValue)m\(text)\u{1B}[0m" }
}

/// A line made of pieces that each have a style, so that it can be cut to a width before it is coloured.
struct StyledLine: Hashable, Sendable {
    private var pieces: [(text: String, style: TextStyle?)]

    init(_ text: String = "", _ style: TextStyle? = nil) { pieces = text.isEmpty ? [] : [(text, style)] }

    mutating func append(_ text: String, _ style: TextStyle? = nil) {
        if !text.isEmpty { pieces.append((text, style)) }
    }

    var plain: String { pieces.map(\.text).joined() }

    /// The line, cut to `width` characters, with its colours if wanted. Control characters are dropped.
    func render(width: Int, colour: Bool) -> String {
        var left = width
        var result = ""
        for piece in pieces where left > 0 {
            let text = String(Sanitized.line(piece.text).prefix(left))
            left -= text.count
            if colour, let style = piece.style { result += style.apply(text) } else { result += text }
        }
        return result
    }

    static func == (left: Self, right: Self) -> Bool {
        left.pieces.elementsEqual(right.pieces) { $0.text == $1.text && $0.style == $1.style }
    }

    func hash(into hasher: inout Hasher) { hasher.combine(plain) }
}

/// Text from outside, made harmless for a terminal.
enum Sanitized {
    /// Without control characters: escape sequences of a program's log must not reach the terminal.
    static func line(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: isControl) else { return text }
        var result = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            if scalar == "\t" { result.append(" ") } else if !isControl(scalar) { result.append(scalar) }
        }
        return String(result)
    }

    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        // C0, DEL, C1, and the characters that change the direction of what follows.
        scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value) || (0x202A...0x202E).contains(scalar.value)
            || (0x2066...0x2069).contains(scalar.value)
    }
}
