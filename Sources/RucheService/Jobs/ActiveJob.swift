import RucheCore
import RucheEngines
import RucheHost

/// A job that is not final, as this process holds it.
struct ActiveJob: Sendable {
    var record: JobRecord
    var holdsSlot = false
    /// Which time it is tried in this process: what belongs to an earlier one changes nothing any more.
    var run = 0
    /// Why it waits, as the last event told.
    var toldWaiting: JobWaiting?
    /// When it started or was found running; the wall clock may jump.
    var runningSince: ContinuousClock.Instant?
    /// When the newest progress came.
    var progressSince: ContinuousClock.Instant?
    /// Asked for when it was being finalized: then no other attempt follows.
    var isCancelled = false
    /// The latest change that the journal got.
    var ticket = 0
    /// The change that accepts the job; nil for one that an earlier process accepted.
    var acceptance: Int?
    var token = JobToken()
    /// Progress that no event told yet.
    var untoldProgress: JobProgress?
    var pace = ProgressPace()
    /// How often its container may notify.
    var notifications = TokenBucket(rate: 20, burst: 200, now: .now)
    /// What it used so far.
    var usage = UsageSeries()
    /// Why a job whose process ended well fails nevertheless.
    var inputFailure: String?
    var sample: ContainerStats?

    /// Ends when preparation is to be given up.
    let interruptions: AsyncStream<Void>
    let interrupt: AsyncStream<Void>.Continuation
    /// Gets whether to thaw, for each order to end the container.
    let terminations: AsyncStream<Bool>
    let terminate: AsyncStream<Bool>.Continuation

    init(record: JobRecord) {
        self.record = record
        if let start = record.startedAt {
            // The wall's clock only for records of programs that kept no other.
            let ran =
                record.startedTick.map { MachineClock.now() - $0 }
                ?? Double(SystemTime.milliseconds() - start) / 1000
            runningSince = .now - .seconds(min(max(0, ran), 31_536_000))
        }
        (interruptions, interrupt) = AsyncStream.makeStream()
        (terminations, terminate) = AsyncStream.makeStream()
    }
}

extension ContainerState {
    /// The same in the terms of the state machine.
    var observed: ObservedContainer {
        switch self {
        case .created: .created
        case .running: .running
        case .paused: .paused
        case .exited(let exit): .ended(exit.end)
        case .absent: .absent
        }
    }
}

extension ContainerExit {
    var end: ContainerEnd { ContainerEnd(code: code, outOfMemory: outOfMemory, timedOut: timedOut) }
}
