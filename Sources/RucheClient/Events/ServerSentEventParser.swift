/// A parser of `text/event-stream` (WHATWG HTML, "Server-sent events", 9.2.6), fed with bytes as they come.
package struct ServerSentEventParser: Sendable {
    package struct Message: Hashable, Sendable {
        /// The last id seen on the stream, also when this message did not repeat it.
        package var id: String
        /// `message` when the stream names none.
        package var event: String
        package var data: String
    }

    private static let limit = 16 << 20
    private var line: [UInt8] = []
    private var sawCarriageReturn = false
    private var isFirstLine = true
    private var data: [String] = []
    private var dataSize = 0
    private var event = ""
    package private(set) var lastID = ""
    /// Milliseconds the server asks to wait before a reconnection, when it said so.
    package private(set) var retry: Int?

    package init() {}

    /// The messages that `bytes` completes, in order. What is over 16 MiB in one message is dropped.
    package mutating func append(_ bytes: some Sequence<UInt8>) -> [Message] {
        var messages: [Message] = []
        for byte in bytes {
            let followsReturn = sawCarriageReturn
            sawCarriageReturn = byte == UInt8(ascii: "\r")
            switch byte {
            case UInt8(ascii: "\n") where followsReturn: continue  // CR LF is one end of line
            case UInt8(ascii: "\n"), UInt8(ascii: "\r"):
                if let message = endLine() { messages.append(message) }
            default:
                if line.count < Self.limit { line.append(byte) }
            }
        }
        return messages
    }

    private mutating func endLine() -> Message? {
        defer { line.removeAll(keepingCapacity: true) }
        if isFirstLine {
            isFirstLine = false
            if line.starts(with: [0xEF, 0xBB, 0xBF]) { line.removeFirst(3) }
        }
        if line.isEmpty { return dispatch() }
        let text = String(decoding: line, as: UTF8.self)
        guard let colon = text.utf8.firstIndex(of: UInt8(ascii: ":")) else {
            field(text, "")
            return nil
        }
        var value = text[text.utf8.index(after: colon)...]
        if value.utf8.first == UInt8(ascii: " ") { value = value.dropFirst() }
        field(String(text[..<colon]), String(value))
        return nil
    }

    private mutating func field(_ name: String, _ value: String) {
        switch name {
        case "data":
            guard dataSize + value.utf8.count <= Self.limit else { return }
            dataSize += value.utf8.count
            data.append(value)
        case "event": event = value
        case "id": if !value.utf8.contains(0) { lastID = value }
        case "retry": if value.utf8.allSatisfy({ (48...57).contains($0) }) { retry = Int(value) ?? retry }
        default: break  // comments (no name) and fields of other versions
        }
    }

    private mutating func dispatch() -> Message? {
        defer {
            data = []
            dataSize = 0
            event = ""
        }
        guard !data.isEmpty else { return nil }
        return Message(id: lastID, event: event.isEmpty ? "message" : event, data: data.joined(separator: "\n"))
    }
}
