import Glibc
import RucheCore
import RucheHost
import SystemPackage

/// Finds the numbers behind the `user[:group]` of an image in the image's own passwd and group files.
struct ImageUser: Hashable, Sendable {
    var uid: UInt32
    var gid: UInt32
    var home: String?

    private static let fileLimit = 1 << 20

    /// `layers` are unpacked, lowest first. Throws `invalid_input` for a name that the image does not know.
    static func resolve(_ text: String, layers: [FilePath]) throws -> ImageUser {
        let parts = text.split(separator: ":", maxSplits: 1).map(String.init)
        guard let name = parts.first else { throw unknown("user", text) }
        let users = lines("etc/passwd", layers)
        let entry = users.first { $0.count >= 6 && ($0[0] == name || $0[2] == name) }
        guard let uid = UInt32(name) ?? entry.flatMap({ UInt32($0[2]) }) else { throw unknown("user", name) }
        var gid = entry.flatMap { UInt32($0[3]) } ?? uid
        if parts.count > 1 {
            let groups = lines("etc/group", layers)
            let group = groups.first { $0.count >= 3 && $0[0] == parts[1] }
            guard let number = UInt32(parts[1]) ?? group.flatMap({ UInt32($0[2]) }) else {
                throw unknown("group", parts[1])
            }
            gid = number
        }
        return ImageUser(uid: uid, gid: gid, home: entry.map { $0[5] })
    }

    /// The fields of each line of the topmost `path`. A link is not followed: it would lead out of the image.
    private static func lines(_ path: String, _ layers: [FilePath]) -> [[String]] {
        for layer in layers.reversed() {
            let file = layer.pushing(FilePath(path))
            var status = stat()
            guard lstat(file.string, &status) == 0 else { continue }
            guard status.st_mode & S_IFMT == S_IFREG,
                let bytes = try? AtomicFile.read(file, limit: fileLimit)  // unreadable: the names stay unknown
            else { return [] }
            return String(decoding: bytes, as: UTF8.self).split(separator: "\n").map {
                $0.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
            }
        }
        return []
    }

    private static func unknown(_ what: String, _ name: String) -> RucheError {
        RucheError(
            .invalidInput,
            "the image runs as \(what) \"\(name)\", which its /etc/\(what == "user" ? "passwd" : "group") does not have"
        )
    }
}
