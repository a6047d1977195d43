import RucheHost
import Synchronization

/// Passes lines on and keeps the last ones, to find a reason in them.
final class LineKeeper: Sendable {
    private static let limit = 400
    private let lines = Mutex<[String]>([])
    private let next: @Sendable (OutputLine) -> Void

    init(next: @escaping @Sendable (OutputLine) -> Void) { self.next = next }

    var kept: [String] { lines.withLock { $0 } }

    var take: @Sendable (OutputLine) -> Void {
        { line in
            self.lines.withLock { lines in
                lines.append(line.text)
                if lines.count > 2 * Self.limit { lines.removeFirst(Self.limit) }
            }
            self.next(line)
        }
    }
}
