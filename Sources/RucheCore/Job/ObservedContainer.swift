/// What an engine says of a job's container, in the terms of the state machine.
package enum ObservedContainer: Hashable, Sendable {
    /// The engine has no such container.
    case absent
    case created, running, paused
    case ended(ContainerEnd)
}

/// How a container ended, before anybody asked why.
package struct ContainerEnd: Hashable, Sendable {
    /// 0–255; 128 + the number for a signal.
    package var code: Int
    package var outOfMemory: Bool
    package var timedOut: Bool

    package init(code: Int, outOfMemory: Bool = false, timedOut: Bool = false) {
        self.code = code
        self.outOfMemory = outOfMemory
        self.timedOut = timedOut
    }
}
