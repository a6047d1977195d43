/// The text of a recipe with some of its top keys replaced: comments, order and everything else stay.
package struct RecipeText: Sendable {
    package private(set) var text: String

    package init(_ text: String) { self.text = text }

    /// Removes a key with all below it, and writes `line` at the top of the recipe instead, unless it is nil.
    ///
    /// Works on block style, in which a top key stands at the start of a line. The result is to be checked as every
    /// recipe is: nothing is run from it unread.
    package mutating func replace(_ key: String, with line: String?) {
        var kept: [Substring] = []
        var isInside = false
        for candidate in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if isInside, Self.belongsToBlock(candidate) { continue }
            isInside = candidate.hasPrefix("\(key):")
            if !isInside { kept.append(candidate) }
        }
        text = kept.joined(separator: "\n")
        if let line { text = "\(line)\n" + text }
    }

    /// Indented text, a comment, an item of a list, or nothing: all of it goes on with the key above.
    private static func belongsToBlock(_ line: Substring) -> Bool {
        guard let first = line.first else { return true }
        return first == " " || first == "#" || first == "\t" || first == "-" && !line.hasPrefix("---") || first == "]"
            || first == "}"
    }
}
