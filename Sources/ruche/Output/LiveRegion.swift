import Synchronization

/// The last lines of a terminal, redrawn in place. Other text goes above them through `insert`.
final class LiveRegion: Sendable {
    private struct State {
        var shown: [StyledLine] = []
        var isFinished = false
    }

    private let state = Mutex(State())
    private let terminal: TerminalTraits
    private let write: @Sendable (String) -> Void

    init(terminal: TerminalTraits, write: @escaping @Sendable (String) -> Void) {
        self.terminal = terminal
        self.write = write
    }

    /// Replaces what is shown. Nothing is written when nothing changed.
    func show(_ lines: [StyledLine]) {
        state.withLock { state in
            guard !state.isFinished, lines != state.shown else { return }
            draw(lines, over: &state)
        }
    }

    /// Writes a line that stays, above the region.
    func insert(_ line: StyledLine) {
        state.withLock { state in
            let lines = state.shown
            write(erase(state.shown.count) + line.render(width: .max, colour: terminal.colour) + "\n")
            state.shown = []
            if !state.isFinished { draw(lines, over: &state) }
        }
    }

    /// Shows the last state and leaves it on the screen.
    func finish(_ lines: [StyledLine]) {
        show(lines)
        state.withLock { state in
            state.isFinished = true
            state.shown = []
        }
    }

    private func draw(_ lines: [StyledLine], over state: inout State) {
        // A line that wraps would break the count of lines to go up.
        let width = max(10, terminal.width - 1)
        let visible = lines.suffix(max(1, terminal.height - 1))
        let text = visible.map { $0.render(width: width, colour: terminal.colour) + "\n" }.joined()
        write(erase(state.shown.count) + text)
        state.shown = Array(visible)
    }

    private func erase(_ count: Int) -> String { count == 0 ? "" : "\u{1B}[\(count)A\r\u{1B}[J" }
}
