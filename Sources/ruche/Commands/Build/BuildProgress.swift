import RucheClient
import RucheCore
import RucheWire

/// Where a build stands, from its events. No I/O.
struct BuildProgress: Sendable {
    struct Step: Hashable, Sendable {
        enum State: String, Hashable, Sendable {
            case waiting, running, built, reused, failed
        }

        var plan: PlannedStepDocument
        var state = State.waiting
        /// Milliseconds since 1970.
        var startedAt: Int64?
        var seconds: Double?
        var size: Int64?
        var exitCode: Int?
    }

    private(set) var steps: [Step] = []
    private(set) var failed: Step?

    /// Takes an event; returns the step that it finished.
    mutating func apply(_ event: EventDocument) -> Step? {
        switch event.kind {
        case "build.planned":
            // A plan that is not understood leaves the build without lines, not without an end.
            let list = event.data["steps"] ?? event.data
            steps = ((try? JSON.convert(list, to: [PlannedStepDocument].self)) ?? []).map { Step(plan: $0) }
        case "build.step-started":
            guard let index = position(event) else { return nil }
            steps[index].state = .running
            steps[index].startedAt = event.time
        case "build.step-finished":
            return finish(event)
        default: break
        }
        return nil
    }

    private mutating func finish(_ event: EventDocument) -> Step? {
        guard let index = position(event) else { return nil }
        let outcome = event.data["outcome"] ?? event.data
        steps[index].state = outcome["state"]?.stringValue.flatMap(Step.State.init) ?? .built
        steps[index].seconds = outcome["seconds"]?.doubleValue
        steps[index].size = outcome["size"]?.doubleValue.map { Int64($0) }
        steps[index].exitCode = outcome["exitCode"]?.doubleValue.map { Int($0) }
        if steps[index].state == .failed { failed = steps[index] }
        return steps[index]
    }

    private func position(_ event: EventDocument) -> Int? {
        guard let number = event.data["index"]?.doubleValue.map({ Int($0) }) else { return nil }
        return steps.firstIndex { $0.plan.index == number }
    }

    /// A line a step, for lines of `width` characters.
    func lines(now: Int64, width: Int = .max) -> [StyledLine] { steps.map { line($0, now: now, width: width) } }

    /// One step as a line: state, title, time, size, and why it was reused or built. Where the line is short the
    /// title gives way, then the state, which the mark tells of too; the reason is cut off first.
    func line(_ step: Step, now: Int64, width: Int = .max) -> StyledLine {
        let stateWidth = width < Self.narrow ? 0 : Self.stateWidth
        let room = min(48, max(8, width - 2 - stateWidth - 2 - Self.timeWidth - Self.sizeWidth))
        let titleWidth = min(steps.map(\.plan.title.count).max() ?? 0, room)
        var line = StyledLine(Self.mark(step, now: now) + " ", Self.style(step.state))
        if stateWidth > 0 { line.append(pad(step.state.rawValue, stateWidth), Self.style(step.state)) }
        line.append(pad(Self.cut(step.plan.title, titleWidth), titleWidth + 2))
        let seconds = step.seconds ?? step.startedAt.map { Double(now - $0) / 1000 }
        let isTimed = step.state != .waiting && step.state != .reused
        line.append(pad(isTimed ? seconds.map { HumanText.duration($0) } ?? "" : "", Self.timeWidth), .dim)
        line.append(pad(step.size.map { HumanText.size($0) } ?? "", Self.sizeWidth), .dim)
        line.append(step.plan.reason, .dim)
        return line
    }

    /// Characters below which a line has no word for the state.
    private static let narrow = 60
    private static let stateWidth = 8
    /// `59 min 59 s` and `1023.9 MiB`, with two spaces after each.
    private static let timeWidth = 13
    private static let sizeWidth = 12

    private static func cut(_ text: String, _ width: Int) -> String {
        text.count > width ? text.prefix(max(0, width - 1)) + "…" : text
    }

    private static func mark(_ step: Step, now: Int64) -> String {
        switch step.state {
        case .waiting: "·"
        case .running: String(spinner[Int(now / 100) % spinner.count])
        case .built, .reused: "✓"
        case .failed: "✗"
        }
    }

    private static let spinner = Array("⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏")

    private static func style(_ state: Step.State) -> TextStyle {
        switch state {
        case .waiting: .dim
        case .running: .cyan
        case .built, .reused: .green
        case .failed: .red
        }
    }

    private func pad(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }
}
