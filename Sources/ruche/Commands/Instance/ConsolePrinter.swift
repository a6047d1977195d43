import RucheCore
import Synchronization

/// Prints a console: as it is to a file, line by line and harmless to a terminal.
final class ConsolePrinter: Sendable {
    private let output: Output
    private let rest = Mutex<[UInt8]>([])

    init(output: Output) { self.output = output }

    func take(_ bytes: [UInt8]) {
        let lines = rest.withLock { rest -> [UInt8] in
            rest += bytes
            guard let end = rest.lastIndex(of: 10) else { return [] }
            let whole = Array(rest[...end])
            rest.removeSubrange(...end)
            return whole
        }
        if !lines.isEmpty { write(lines) }
    }

    /// What is left without an end of line.
    func finish() {
        let last = rest.withLock { rest in
            defer { rest = [] }
            return rest
        }
        if !last.isEmpty { write(last + [10]) }
    }

    private func write(_ bytes: [UInt8]) {
        let text = String(decoding: bytes, as: UTF8.self)
        guard output.results != .plain else { return output.raw(text) }
        for line in text.split(separator: "\n", omittingEmptySubsequences: false).dropLast() {
            output.raw(Sanitized.line(line.filter { $0 != "\r" }) + "\n")
        }
    }
}
