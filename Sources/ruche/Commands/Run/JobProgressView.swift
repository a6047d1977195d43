import RucheCore
import RucheWire
import Synchronization

/// Where a job stands, from its events, and its line on the terminal.
struct JobStatus: Sendable {
    private(set) var state = "queued"
    private(set) var fraction: Double?
    private(set) var label: String?
    private(set) var startedAt: Int64?
    /// When the server thinks that it ends.
    private(set) var estimatedEnd: Int64?
    private(set) var isEnded = false

    mutating func apply(_ event: EventDocument) {
        switch event.kind {
        case "job.started":
            state = "running"
            startedAt = startedAt ?? event.time
        case "job.resumed": state = "running"
        case "job.paused": state = "paused"
        case "job.finalizing": state = "finalizing"
        case "job.progressed":
            fraction = event.data["progress"]?.doubleValue ?? fraction
            label = event.data["label"]?.stringValue ?? label
            estimatedEnd = event.data["estimatedEnd"]?.doubleValue.map { Int64($0) }
        case "job.ended":
            state = event.data["state"]?.stringValue ?? "ended"
            isEnded = true
        default: break
        }
    }

    /// One line; with the `width` of a terminal, a bar that fits, and the time that may be left.
    func line(now: Int64, width: Int? = nil) -> StyledLine {
        var line = StyledLine(state, style)
        let elapsed = startedAt.map { Double(now - $0) / 1000 }
        if let fraction {
            if let width { line.append(" " + ProgressMeter.bar(fraction, width: width < 60 ? 10 : 24), .cyan) }
            line.append(" " + HumanText.percent(fraction))
        }
        if let elapsed { line.append("  " + HumanText.duration(elapsed), .dim) }
        if width != nil, state == "running", let elapsed, elapsed > 5, let end = estimatedEnd, end > now {
            line.append(", about \(HumanText.duration(Double(end - now) / 1000)) left", .dim)
        }
        if let label { line.append("  " + label) }
        return line
    }

    private var style: TextStyle {
        switch state {
        case "succeeded": .green
        case "failed": .red
        case "paused", "cancelled": .yellow
        default: .cyan
        }
    }
}

/// Shows a job while it runs: a bar on a terminal, a line a change elsewhere, an event a line as JSON.
final class JobProgressView: Sendable {
    private struct Shown {
        var status = JobStatus()
        var lastLine: String?
    }

    private let state = Mutex(Shown())
    private let view: LiveView
    private var output: Output { view.output }

    /// Its inputs that are on their way.
    private let sending: FileSending?

    init(_ context: CommandContext, _ sending: FileSending? = nil) {
        view = LiveView(context)
        self.sending = sending
    }

    func apply(_ event: EventDocument) throws {
        try output.jsonLine(event)
        let line: String? = state.withLock { shown in
            shown.status.apply(event)
            let text = shown.status.line(now: event.time).plain
            guard text != shown.lastLine else { return nil }
            shown.lastLine = text
            return text
        }
        if let line { view.note(line) }
    }

    /// A line of the job's own log, above the bar.
    func log(_ line: LogLine) {
        guard output.format == .text else { return }
        let styled = StyledLine(line.text, line.stream == "stderr" ? .dim : nil)
        if let region = view.region { region.insert(styled) } else { output.note(line.text) }
    }

    func show<Result: Sendable>(_ body: @escaping @Sendable () async throws -> Result) async throws -> Result {
        try await view.show(
            { width in
                let line = self.state.withLock { $0.status.line(now: self.view.now(), width: width) }
                return (self.sending?.lines() ?? []) + [line]
            }, body)
    }
}
