/// How a domain is, as `virsh domstate --reason` tells it: `running (booted)`, `shut off (crashed)`.
struct LibvirtState: Hashable, Sendable {
    var name: String
    var reason: String

    init(_ text: String) {
        let match = text.firstMatch(of: /([a-z ]+?) *\(([a-z ]+)\)/)
        name = match.map { String($0.1) } ?? text.filter { !$0.isNewline }
        reason = match.map { String($0.2) } ?? ""
    }

    var isRunning: Bool { !["shut off", "crashed", "no state"].contains(name) }

    /// How it ended, as a sentence; nil where it did so by itself.
    var ending: String? {
        switch reason {
        case "shutdown": nil
        case "destroyed": "somebody ended it in libvirt"
        case "crashed", "panicked": "its QEMU was killed or crashed"
        case "failed": "libvirt could not start it"
        default: "it ended while libvirt did not look after it"
        }
    }
}
