/// Through which door of the machine a request came: it decides who is trusted with what.
package enum ListenerKind: Sendable {
    /// The private socket: its peer owns the data directory.
    case local
    /// A TCP port.
    case network(HostPolicy)
    /// The socket that is mounted into the containers of jobs: nothing but routes with `.jobToken` exist there.
    case jobs
    /// A TCP port that only tells where the other one is.
    case redirect(HostPolicy)

    package var isLocal: Bool { if case .local = self { true } else { false } }
    package var isForJobs: Bool { if case .jobs = self { true } else { false } }
}
