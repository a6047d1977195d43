import RucheCore
import RucheHost

/// The rule for names of instances: a host name.
enum LXDName {
    /// Throws `invalid_input` for what LXD does not take.
    static func check(_ id: String) throws {
        try ContainerID.check(id)
        guard id.wholeMatch(of: /[A-Za-z](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?/) != nil else {
            throw RucheError(
                .invalidInput, "LXD takes no instance of the name \"\(id)\": use up to 63 letters, digits and \"-\"")
        }
    }
}
