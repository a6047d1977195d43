import SystemPackage

/// One mount this process sees, from `/proc/self/mountinfo` (proc(5)).
struct MountEntry: Hashable, Sendable {
    var mountPoint: FilePath
    var type: String
    /// Options of the file system itself, such as the controllers of a cgroup hierarchy.
    var superOptions: [String]
}

enum MountTable {
    /// Every mount, oldest first.
    static func read() throws -> [MountEntry] {
        let text = try String(decoding: AtomicFile.read("/proc/self/mountinfo"), as: UTF8.self)
        return parse(text)
    }

    static func parse(_ text: String) -> [MountEntry] {
        text.split(separator: "\n").compactMap { line in
            let fields = line.split(separator: " ")
            guard let dash = fields.firstIndex(of: "-"), dash >= 6, fields.count > dash + 3 else { return nil }
            return MountEntry(
                mountPoint: FilePath(unescape(fields[4])), type: String(fields[dash + 1]),
                superOptions: fields[dash + 3].split(separator: ",").map(String.init))
        }
    }

    /// The kernel writes blanks, tabs, line feeds and backslashes of paths as `\` and three octal digits.
    private static func unescape(_ text: Substring) -> String {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "\\"), rest.count >= 3,
                let code = UInt8(String(decoding: rest.prefix(3), as: UTF8.self), radix: 8)
            {
                bytes.append(code)
                rest = rest.dropFirst(3)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
