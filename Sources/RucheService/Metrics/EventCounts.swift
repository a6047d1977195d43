package import RucheCore
import Synchronization

/// Counts what happened since this process began, from the events that tell of it.
package final class EventCounts: Sendable {
    package struct Counts: Sendable {
        /// Events by kind.
        package var events: [String: Int] = [:]
        /// Jobs that ended, by state.
        package var jobsEnded: [String: Int] = [:]
        /// Seconds of jobs that ran, by the state they ended in.
        package var jobSeconds: [String: Histogram] = [:]
        /// Operations that ended, by kind and state.
        package var operationsEnded: [[String]: Int] = [:]
    }

    /// Kinds are words of this program; a fault of it must not fill the memory all the same.
    private static let limit = 256
    private let state = Mutex(Counts())

    package init() {}

    package var counts: Counts { state.withLock { $0 } }

    @Sendable package func observe(_ events: [Event]) {
        state.withLock { state in
            for event in events {
                if state.events.count < Self.limit || state.events[event.kind] != nil {
                    state.events[event.kind, default: 0] += 1
                }
                switch event.kind {
                case "job.ended": Self.jobEnded(event, &state)
                case "operation.ended": Self.operationEnded(event, &state)
                default: break
                }
            }
        }
    }

    private static func jobEnded(_ event: Event, _ state: inout Counts) {
        guard let name = event.data["state"]?.stringValue.flatMap({ JobState(rawValue: $0) })?.rawValue else { return }
        state.jobsEnded[name, default: 0] += 1
        guard let seconds = event.data["seconds"]?.doubleValue else { return }
        state.jobSeconds[name, default: Histogram(Histogram.jobs)].observe(seconds)
    }

    private static func operationEnded(_ event: Event, _ state: inout Counts) {
        guard let kind = event.data["kind"]?.stringValue, let name = event.data["state"]?.stringValue else { return }
        guard state.operationsEnded.count < limit else { return }
        state.operationsEnded[[kind, name], default: 0] += 1
    }
}
