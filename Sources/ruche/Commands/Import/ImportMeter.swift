import Synchronization

/// The bar of the file that is on its way.
final class ImportMeter: Sendable {
    private let state = Mutex<(what: String, meter: Meter)?>(nil)

    func set(_ what: String, _ done: Int64, _ total: Int64?) {
        let meter = state.withLock { state in
            if let state, state.what == what { return state.meter }
            let meter = Meter(what, unit: .bytes, total: total)
            state = (what, meter)
            return meter
        }
        meter.set(done, of: total)
    }

    func lines() -> [StyledLine] { state.withLock { $0?.meter }?.lines() ?? [] }
}
