import Glibc
import SystemPackage

/// The kernel's own messages, where this process may read them (dev-kmsg, and `kernel.dmesg_restrict` of sysctl).
package enum KernelLog {
    /// Whether the kernel told in the last `seconds` that it ended a process for want of memory in a control group
    /// whose path has `name`.
    ///
    /// False also where the messages can't be read, or it told too many others at that time. Blocks for milliseconds.
    package static func toldOutOfMemory(in name: String, within seconds: Double) -> Bool {
        guard let file = try? FileDescriptor.open("/dev/kmsg", .readOnly, options: [.nonBlocking, .closeOnExec])
        else { return false }
        defer { try? file.close() }  // it was only read
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        // The kernel's clock is not quite the same.
        let earliest = Double(time.tv_sec) - seconds - 1
        // A record is never longer, and every read returns one.
        var record = [UInt8](repeating: 0, count: 8192)
        while true {
            do {
                let count = try record.withUnsafeMutableBytes { try file.read(into: $0) }
                guard count > 0 else { return false }
                let text = String(decoding: record[..<count], as: UTF8.self)
                if isOutOfMemory(text, in: name), self.seconds(text) ?? 0 >= earliest { return true }
            } catch Errno.brokenPipe {
                continue  // it was overwritten: the next read returns the oldest that is left
            } catch {
                return false
            }
        }
    }

    /// When a record was written, of its third field, microseconds since the machine's start.
    static func seconds(_ record: String) -> Double? {
        let fields = record.prefix { $0 != ";" }.split(separator: ",", omittingEmptySubsequences: false)
        return fields.count > 2 ? Double(fields[2]).map { $0 / 1e6 } : nil
    }

    /// Reads the line that `dump_oom_victim` of mm/oom_kill.c writes: `oom-kill:…,task_memcg=PATH,task=…`.
    static func isOutOfMemory(_ record: String, in name: String) -> Bool {
        guard let line = record.firstRange(of: ";oom-kill:"),
            let group = record[line.upperBound...].firstRange(of: ",task_memcg=")
        else { return false }
        return record[group.upperBound...].prefix { $0 != "," }.contains(name)
    }
}
