import Glibc
import SystemPackage

/// The kernel's own messages, where this process may read them (dev-kmsg, and `kernel.dmesg_restrict` of sysctl).
package enum KernelLog {
    /// Whether the kernel told that it ended a process for want of memory in a control group whose path has `name`.
    ///
    /// False also where the messages can't be read, or it told too many others at that time. Blocks for milliseconds.
    package static func toldOutOfMemory(in name: String) -> Bool {
        guard let file = try? FileDescriptor.open("/dev/kmsg", .readOnly, options: [.nonBlocking, .closeOnExec])
        else { return false }
        defer { try? file.close() }  // it was only read
        // A record is never longer, and every read returns one.
        var record = [UInt8](repeating: 0, count: 8192)
        while true {
            do {
                let count = try record.withUnsafeMutableBytes { try file.read(into: $0) }
                guard count > 0 else { return false }
                if isOutOfMemory(String(decoding: record[..<count], as: UTF8.self), in: name) { return true }
            } catch Errno.brokenPipe {
                continue  // it was overwritten: the next read returns the oldest that is left
            } catch {
                return false
            }
        }
    }

    /// Reads the line that `dump_oom_victim` of mm/oom_kill.c writes: `oom-kill:…,task_memcg=PATH,task=…`.
    static func isOutOfMemory(_ record: String, in name: String) -> Bool {
        guard let line = record.firstRange(of: ";oom-kill:"),
            let group = record[line.upperBound...].firstRange(of: ",task_memcg=")
        else { return false }
        return record[group.upperBound...].prefix { $0 != "," }.contains(name)
    }
}
