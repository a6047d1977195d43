import RucheCore
import RucheWire
import Synchronization

/// Where a job stands, from its events, and its line on the terminal.
struct JobStatus: Sendable {
    private(set) var state = "queued"
    private(set) var fraction: Double?
    private(set) var label: String?
    private(set) var startedAt: Int64?
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
        case "job.ended":
            state = event.data["state"]?.stringValue ?? "ended"
            isEnded = true
        default: break
        }
    }

    func line(now: Int64) -> StyledLine {
        var line = StyledLine(state, state == "failed" ? .red : .cyan)
        if let fraction {
            line.append(" " + ProgressMeter.bar(fraction), .cyan)
            line.append(" " + HumanText.percent(fraction))
        }
        if let label { line.append("  " + label) }
        if let startedAt { line.append("  " + HumanText.duration(Double(now - startedAt) / 1000), .dim) }
        return line
    }
}

/// Shows a job while it runs: a bar on a terminal, a line a change elsewhere, an event a line as JSON.
final class JobProgressView: Sendable {
    private struct Shown {
        var status = JobStatus()
        var lastLine: String?
    }

    private let state = Mutex(Shown())
    private let output: Output
    private let now: @Sendable () -> Int64
    private let region: LiveRegion?

    init(_ context: CommandContext) {
        output = context.output
        now = context.now
        region = context.output.liveRegion()
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
        if let line, region == nil, output.format == .text { output.note(line) }
    }

    /// A line of the job's own log, above the bar.
    func log(_ line: LogLine) {
        guard output.format == .text else { return }
        let styled = StyledLine(line.text, line.stream == "stderr" ? .dim : nil)
        if let region { region.insert(styled) } else { output.note(line.text) }
    }

    func show<Result: Sendable>(_ body: @escaping @Sendable () async throws -> Result) async throws -> Result {
        try await Ticker.run(region, { [self.state.withLock { $0.status.line(now: self.now()) }] }, body)
    }
}
