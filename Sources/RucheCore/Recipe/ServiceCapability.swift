/// A part of root's power that a service may ask for in its recipe (capabilities(7)); nothing that reaches beyond the
/// container is among them.
package enum ServiceCapability: String, Sendable, Codable, CaseIterable {
    case chown
    case dacOverride = "dac_override"
    case fowner, fsetid, kill
    case netBindService = "net_bind_service"
    case setgid, setuid

    /// The kernel's name.
    package var kernelName: String { "CAP_" + rawValue.uppercased() }
}
