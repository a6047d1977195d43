import RucheCore
import SystemPackage

/// A user of an image, by the image's own `/etc/passwd` and `/etc/group`.
struct ImageAccount: Hashable {
    var uid: UInt32
    var gid: UInt32
    var home: String

    static let root = ImageAccount(uid: 0, gid: 0, home: "/root")

    /// Resolves `user[:group]`, names or numbers. Throws `build_failed` for a name the image does not know.
    static func resolve(_ text: String?, in root: FilePath) throws -> ImageAccount {
        guard let text, !text.isEmpty else { return .root }
        let parts = text.split(separator: ":", maxSplits: 1).map(String.init)
        let passwd = try table("/etc/passwd", in: root)
        let name = parts.first ?? ""
        let entry = passwd.first { $0.first == name } ?? passwd.first { $0.count > 2 && $0[2] == name }
        guard let uid = UInt32(name) ?? entry.flatMap({ $0.count > 3 ? UInt32($0[2]) : nil }) else {
            throw RucheError(
                .buildFailed, "the user \"\(name)\" is not in /etc/passwd of the image: make it in a shell step")
        }
        var gid = entry.flatMap { $0.count > 3 ? UInt32($0[3]) : nil } ?? 0
        if parts.count > 1 {
            let group = try table("/etc/group", in: root).first { $0.first == parts[1] }
            guard let number = UInt32(parts[1]) ?? group.flatMap({ $0.count > 2 ? UInt32($0[2]) : nil }) else {
                throw RucheError(
                    .buildFailed, "the group \"\(parts[1])\" is not in /etc/group of the image: make it in a shell step"
                )
            }
            gid = number
        }
        return ImageAccount(uid: uid, gid: gid, home: entry.flatMap { $0.count > 5 ? $0[5] : nil } ?? "/")
    }

    private static func table(_ path: String, in root: FilePath) throws -> [[String]] {
        let text = String(decoding: try RootPath.read(path, in: root) ?? [], as: UTF8.self)
        return text.split(separator: "\n").map {
            $0.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        }
    }
}
