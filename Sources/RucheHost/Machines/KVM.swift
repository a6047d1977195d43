import Glibc
import SystemPackage

/// The processor's own support for virtual machines.
package enum KVM {
    private static let path = "/dev/kvm"
    /// `_IO(0xAE, 0x01)` of linux/kvm.h.
    private static let createMachine: UInt = 0xAE01

    /// Why machines can't use it here; nil when they can. It is tried by making an empty one: the device may be there
    /// and not work.
    package static func obstacle() -> String? {
        deviceObstacle() ?? (isOfProcessor ? nil : "\(path) is there, but the processor has neither vmx nor svm")
    }

    /// Some machines of clouds have the device and not what it is for: it then interprets every instruction, many times
    /// slower than an emulator translates them. Flags of /proc/cpuinfo (proc(5)); other processors have none for it.
    private static var isOfProcessor: Bool {
        #if arch(x86_64)
        let bytes = (try? AtomicFile.read("/proc/cpuinfo")) ?? []  // without /proc nothing here runs
        let flags = String(decoding: bytes, as: UTF8.self).split(separator: "\n").first { $0.hasPrefix("flags") }
        return flags?.split(separator: " ").contains { $0 == "vmx" || $0 == "svm" } == true
        #else
        return true
        #endif
    }

    private static func deviceObstacle() -> String? {
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
