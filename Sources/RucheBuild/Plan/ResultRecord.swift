import RucheCore
import RucheImages

/// A finished build, found again by all that it was made from.
struct ResultRecord: Sendable, Codable {
    var release: Descriptor
    var referrers: [Descriptor]
    var lock: BuildLock
}
