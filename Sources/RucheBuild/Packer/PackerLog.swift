import RucheCore
import RucheHost
import Synchronization

/// Reads what Packer writes: passes on what is for people, without secrets, and keeps the rest.
final class PackerLog: Sendable {
    private static let kept = 100
    /// Anything shorter would be found in ordinary words.
    private static let shortestSecret = 4

    private struct State {
        var output = PackerOutput()
        var lines: [String] = []
    }
    private let state = Mutex(State())
    private let secrets: [String]
    private let next: @Sendable (OutputLine) -> Void

    init(hiding secrets: [String], next: @escaping @Sendable (OutputLine) -> Void) {
        self.secrets = secrets.filter { $0.count >= Self.shortestSecret }.sorted { $0.count > $1.count }
        self.next = next
    }

    var output: PackerOutput { state.withLock { $0.output } }

    /// The last lines, without those that Packer ends every failure with.
    func last(_ count: Int) -> [String] {
        let all = state.withLock { $0.lines }
        let told = all.filter { line in !Self.farewells.contains { line.hasPrefix($0) } }
        return Array((told.isEmpty ? all : told).suffix(count))
    }

    private static let farewells = [
        "==> Wait completed", "==> Some builds didn't complete", "==> Builds finished but no artifacts", "--> ",
    ]

    var take: @Sendable (OutputLine) -> Void {
        { line in
            let read = self.state.withLock { $0.output.read(line.text) }
            guard case .text(let text, let isError) = read else { return }
            for part in self.hiding(text).split(separator: "\n") where !part.allSatisfy(\.isWhitespace) {
                self.state.withLock { state in
                    state.lines.append(String(part))
                    if state.lines.count > 2 * Self.kept { state.lines.removeFirst(Self.kept) }
                }
                self.next(OutputLine(stream: isError ? .stderr : line.stream, text: String(part)))
            }
        }
    }

    private func hiding(_ text: String) -> String {
        secrets.reduce(text) { $0.replacing($1, with: "***") }
    }
}
