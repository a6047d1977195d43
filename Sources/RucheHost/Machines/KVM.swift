import Glibc

/// The processor's own support for virtual machines.
package enum KVM {
    private static let path = "/dev/kvm"
    /// `_IO(0xAE, 0x01)` of linux/kvm.h.
    private static let createMachine: UInt = 0xAE01

    /// Why machines can't use it here; nil when they can. It is tried by making an empty one: the device may be there
    /// and not work.
    package static func obstacle() -> String? {
        let device = open(path, O_RDWR | O_CLOEXEC)
        guard device >= 0 else {
            let reason = errno
            return reason == ENOENT ? "there is no \(path)" : "\(path): \(String(cString: strerror(reason)))"
        }
        defer { close(device) }
        let machine = ioctl(device, createMachine, CInt(0))
        guard machine >= 0 else { return "\(path) makes no machine: \(String(cString: strerror(errno)))" }
        close(machine)
        return nil
    }
}
