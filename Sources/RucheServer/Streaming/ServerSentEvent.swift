/// One event of a `text/event-stream` (HTML standard, "Server-sent events").
package struct ServerSentEvent: Hashable, Sendable {
    package var id: String?
    package var event: String?
    package var data: String
    package init(id: String? = nil, event: String? = nil, data: String) {
        self.id = id
        self.event = event
        self.data = data
    }

    private static let breaks: Set<Character> = ["\n", "\r", "\r\n"]

    /// The bytes on the wire. Line breaks in `data` become lines of their own.
    package var text: String {
        var text = ""
        if let id { text += "id: \(id)\n" }
        if let event { text += "event: \(event)\n" }
        // Other separators of lines are none to a reader.
        for line in data.split(omittingEmptySubsequences: false, whereSeparator: Self.breaks.contains) {
            text += "data: \(line)\n"
        }
        return text + "\n"
    }
}
