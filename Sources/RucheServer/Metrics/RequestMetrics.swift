import RucheCore
import RucheWire
import Synchronization

/// Counts requests by the template of their route, so that no client can make labels.
package final class RequestMetrics: Sendable {
    struct Key: Hashable {
        var method: String
        var route: String
        var status: Int
    }
    private struct State {
        var requests: [Key: Int] = [:]
        var times: [String: Histogram] = [:]
        var received: [String: Int64] = [:]
        var inFlight = 0
    }

    private let state = Mutex(State())

    package init() {}

    func began() { state.withLock { $0.inFlight += 1 } }

    func ended(_ key: Key, seconds: Double, received: Int64) {
        state.withLock { state in
            state.inFlight -= 1
            state.requests[key, default: 0] += 1
            state.times[key.route, default: Histogram(Histogram.requests)].observe(seconds)
            if received > 0 { state.received[key.route, default: 0] += received }
        }
    }

    func write(to text: inout PrometheusText) {
        let state = state.withLock { $0 }
        text.add(
            .counter, "ruche_http_requests_total", "Requests by method, route and status.",
            state.requests.map { key, count in
                (
                    labels: [("method", key.method), ("route", key.route), ("status", String(key.status))],
                    value: Double(count)
                )
            }.sorted { $0.labels.map(\.1).joined(separator: " ") < $1.labels.map(\.1).joined(separator: " ") })
        text.add(
            "ruche_http_request_seconds", "Seconds until the head of the answer, by route.",
            state.times.sorted { $0.key < $1.key }.map { ([("route", $0.key)], $0.value) })
        text.add(
            .counter, "ruche_http_received_bytes_total", "Bytes of bodies with a known length, by route.",
            state.received.sorted { $0.key < $1.key }.map { ([("route", $0.key)], Double($0.value)) })
        text.add(
            .gauge, "ruche_http_requests_in_flight", "Requests whose answer has not begun.", Double(state.inFlight))
    }
}
