import FoundationEssentials
package import SystemPackage

/// The log of runc in its JSON form, one object a line.
package enum RuncLog {
    private struct Entry: Decodable {
        var level: String
        var msg: String
    }

    /// Why runc itself failed, or nil when it did not: its exit status alone does not tell, because it
    /// passes on the container's.
    package static func firstError(in path: FilePath) -> String? {
        guard let bytes = try? AtomicFile.read(path, limit: 1 << 20) else { return nil }
        for line in bytes.split(separator: UInt8(ascii: "\n")) {
            guard let entry = try? JSONDecoder().decode(Entry.self, from: Data(line)) else { continue }
            if entry.level == "error" || entry.level == "fatal" { return entry.msg }
        }
        return nil
    }
}
