import Synchronization

/// An event that many readers get: its form on the wire is made once, by the first who needs it.
package final class PublishedEvent: Sendable {
    package let event: Event
    private let form = Mutex<(any Sendable)?>(nil)

    package init(_ event: Event) { self.event = event }

    /// The form that `make` gave at the first call.
    package func form<Form: Sendable>(_ make: (Event) throws -> Form) rethrows -> Form {
        if let known = form.withLock({ $0 as? Form }) { return known }
        // Two who come at once make it twice and alike.
        let made = try make(event)
        form.withLock { $0 = made }
        return made
    }
}
