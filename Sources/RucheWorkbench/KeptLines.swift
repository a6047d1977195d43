import Synchronization

/// Lines of a program, kept to be read or shown when it has ended.
package final class KeptLines: Sendable {
    private let lines = Mutex<[String]>([])

    package init() {}

    package func add(_ line: String) { lines.withLock { if $0.count < 10_000 { $0.append(line) } } }

    package var all: [String] { lines.withLock { $0 } }
    package var text: String { all.joined(separator: "\n") }
}
