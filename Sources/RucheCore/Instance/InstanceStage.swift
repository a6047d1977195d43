/// One thing that shows how far an instance has come, in the order in which they are looked at.
package struct InstanceStage: Hashable, Sendable, Codable {
    package enum Kind: String, Sendable, Codable, CaseIterable {
        /// It writes to its console.
        case console
        /// cloud-init has done what there is to do at the first start.
        case cloudInit = "cloud-init"
        /// One can log in.
        case ssh
        /// The check of the recipe's `service.health` is passed.
        case health
    }

    package var kind: Kind
    /// Seconds since it was started.
    package var seconds: Double
    /// What a person should know of it.
    package var note: String?

    package init(kind: Kind, seconds: Double, note: String? = nil) {
        self.kind = kind
        self.seconds = seconds
        self.note = note
    }
}
