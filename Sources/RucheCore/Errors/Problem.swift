/// One finding in a document somebody wrote: where it is, what was found, what would be right.
///
/// Checks collect every problem before they report; nothing starts while the list is not empty.
package struct Problem: Hashable, Sendable, Codable {
    /// The document, as the user named it; nil for a request body.
    package var file: String?
    /// 1-based line and column of the offending node.
    package var line: Int?
    package var column: Int?
    /// Key path in the document, such as `steps[2].apt[0]`.
    package var path: String
    /// What is wrong, lower case, without a final stop.
    package var message: String
    /// The value found, shortened.
    package var found: String?
    /// What is allowed here.
    package var allowed: String?
    /// The nearest known key or value, for a typo.
    package var suggestion: String?

    package init(
        file: String? = nil, line: Int? = nil, column: Int? = nil, path: String, message: String,
        found: String? = nil, allowed: String? = nil, suggestion: String? = nil
    ) {
        self.file = file
        self.line = line
        self.column = column
        self.path = path
        self.message = message
        self.found = found
        self.allowed = allowed
        self.suggestion = suggestion
    }
}

extension Problem: CustomStringConvertible {
    /// `file:line:column: path: message (found …; allowed: …; did you mean …?)`
    package var description: String {
        var place = file ?? ""
        if let line {
            place += ":\(line)"
            if let column { place += ":\(column)" }
        }
        var notes: [String] = []
        if let found { notes.append("found \(found)") }
        if let allowed { notes.append("allowed: \(allowed)") }
        if let suggestion { notes.append("did you mean \"\(suggestion)\"?") }
        let head = [place, path].filter { !$0.isEmpty }.joined(separator: ": ")
        let tail = notes.isEmpty ? "" : " (\(notes.joined(separator: "; ")))"
        return (head.isEmpty ? "" : head + ": ") + message + tail
    }
}
