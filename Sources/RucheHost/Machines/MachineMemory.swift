package import RucheCore
import SystemPackage

/// What this machine can give to others.
package enum MachineMemory {
    /// Memory that programs can get without others being pushed out (proc(5), `MemAvailable`); nil when nobody says.
    package static func available() -> ByteCount? {
        guard let bytes = try? AtomicFile.read("/proc/meminfo") else { return nil }
        for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n") {
            let words = line.split(separator: " ")
            if words.count > 1, words[0] == "MemAvailable:", let size = Int64(words[1]) { return ByteCount(size << 10) }
        }
        return nil
    }
}
