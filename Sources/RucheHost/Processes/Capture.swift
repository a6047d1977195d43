import Subprocess
import Synchronization

/// Collects what a process writes: lines to the caller, a bounded copy of standard output, the end of errors.
final class Capture: Sendable {
    private struct State {
        var output: [UInt8] = []
        var errors: [String] = []
    }

    private static let lineLimit = 64 << 10
    private static let tailLines = 20
    private let state = Mutex(State())
    private let onLine: (@Sendable (OutputLine) -> Void)?

    private let returnsEndLines: Bool

    init(returnsEndLines: Bool, onLine: (@Sendable (OutputLine) -> Void)?) {
        self.returnsEndLines = returnsEndLines
        self.onLine = onLine
    }

    /// Reads both streams to their ends, side by side.
    func drain(_ output: sending SubprocessOutputSequence, _ errors: sending SubprocessOutputSequence) async throws {
        async let other: Void = read(errors, .stderr)
        try await read(output, .stdout)
        try await other
    }

    func result(_ status: TerminationStatus) -> CommandResult {
        let end: ExitStatus =
            switch status {
            case .exited(let code): .exited(Int32(code))
            case .signaled(let signal): .signalled(Int32(signal))
            }
        return state.withLock {
            CommandResult(
                status: end, output: String(decoding: $0.output, as: UTF8.self),
                errorTail: $0.errors.joined(separator: "\n"))
        }
    }

    private func read(_ sequence: sending SubprocessOutputSequence, _ stream: OutputLine.Stream) async throws {
        var line: [UInt8] = []
        for try await buffer in sequence {
            buffer.withUnsafeBytes { bytes in
                if stream == .stdout { keep(bytes) }
                let lines = bytes.split(omittingEmptySubsequences: false) { $0 == 10 || ($0 == 13 && returnsEndLines) }
                for piece in lines.enumerated() {
                    if piece.offset > 0 {
                        emit(line, stream)
                        line.removeAll(keepingCapacity: true)
                    }
                    line.append(contentsOf: piece.element.prefix(max(0, Self.lineLimit - line.count)))
                }
            }
        }
        if !line.isEmpty { emit(line, stream) }
    }

    private func keep(_ bytes: UnsafeRawBufferPointer) {
        state.withLock { state in
            state.output.append(contentsOf: bytes.prefix(max(0, SystemCommandRunner.captureLimit - state.output.count)))
        }
    }

    private func emit(_ bytes: [UInt8], _ stream: OutputLine.Stream) {
        let text = String(decoding: bytes, as: UTF8.self)
        if stream == .stderr {
            state.withLock { state in
                state.errors.append(text)
                if state.errors.count > Self.tailLines { state.errors.removeFirst() }
            }
        }
        onLine?(OutputLine(stream: stream, text: text))
    }
}
