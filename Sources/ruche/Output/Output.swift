import Glibc
import RucheClient
import RucheCore
import Synchronization

/// Where a command writes, and in which form. Results go to standard output, all else to standard error.
struct Output: Sendable {
    enum Format: Sendable {
        /// For people.
        case text
        /// The documents of the API.
        case json
        /// Identifiers only, one a line.
        case quiet
    }

    let format: Format
    /// Traits of standard output and of standard error.
    let results: TerminalTraits
    let progress: TerminalTraits
    private let writeResult: @Sendable (String) -> Void
    private let writeProgress: @Sendable (String) -> Void

    init(
        format: Format, results: TerminalTraits = .plain, progress: TerminalTraits = .plain,
        writeResult: @escaping @Sendable (String) -> Void, writeProgress: @escaping @Sendable (String) -> Void
    ) {
        self.format = format
        self.results = results
        self.progress = progress
        self.writeResult = writeResult
        self.writeProgress = writeProgress
    }

    /// A line of the result, for people only.
    func line(_ line: StyledLine) { lines([line]) }

    /// In one go: who waits for the first one finds the others there.
    func lines(_ lines: [StyledLine]) {
        guard format == .text, !lines.isEmpty else { return }
        writeResult(lines.map { $0.render(width: .max, colour: results.colour) + "\n" }.joined())
    }

    func line(_ text: String = "", _ style: TextStyle? = nil) { line(StyledLine(text, style)) }

    func table(_ columns: [TextTable.Column], _ rows: [[String]]) {
        lines(TextTable(columns: columns, rows: rows).lines())
    }

    /// Aligned `key  value` lines, after a line that says of what; pairs without a value are left out.
    func fields(_ pairs: [(String, String?)], under title: String? = nil) {
        let known = pairs.compactMap { key, value in value.map { (key, $0) } }
        let width = known.map(\.0.count).max() ?? 0
        let fields = known.map { key, value in
            var line = StyledLine(key + String(repeating: " ", count: width - key.count + 2), .dim)
            line.append(value)
            return line
        }
        lines((title.map { [StyledLine($0)] } ?? []) + fields)
    }

    /// A document, as JSON on several lines; only in that format.
    func json(_ document: some Encodable) throws {
        guard format == .json else { return }
        raw(String(decoding: try JSON.encode(document, pretty: true), as: UTF8.self) + "\n")
    }

    /// A document on one line, for streams; only in the JSON format.
    func jsonLine(_ document: some Encodable) throws {
        guard format == .json else { return }
        raw(String(decoding: try JSON.encode(document), as: UTF8.self) + "\n")
    }

    /// An identifier; only in the quiet format.
    func quiet(_ text: String) { if format == .quiet { raw(text + "\n") } }

    /// Bytes of the result as they are, in every format.
    func raw(_ text: String) { writeResult(text) }

    /// A list in the form that is wanted.
    func list<Item: Listed>(_ items: [Item], now: Int64) throws {
        switch format {
        case .json: try json(items)
        case .quiet: for item in items { quiet(item.identifier) }
        case .text: table(Item.columns, items.map { $0.cells(now: now) })
        }
    }

    /// A word to the person, beside the result. Not when quiet.
    func note(_ text: String, _ style: TextStyle? = nil) {
        guard format != .quiet else { return }
        warn(text, style)
    }

    /// As `note`, in every format.
    func warn(_ text: String, _ style: TextStyle? = nil) {
        writeProgress(StyledLine(text, style).render(width: .max, colour: progress.colour) + "\n")
    }

    /// Lines redrawn in place; nil when standard error is no terminal, or that is not wanted.
    func liveRegion() -> LiveRegion? {
        guard format == .text, progress.isLive else { return nil }
        return LiveRegion(terminal: progress, write: writeProgress)
    }
}

/// What can be a row of a list.
protocol Listed: Encodable, Sendable {
    static var columns: [TextTable.Column] { get }
    /// One cell a column; `now` is in milliseconds since 1970.
    func cells(now: Int64) -> [String]
    /// What `--quiet` prints.
    var identifier: String { get }
}
