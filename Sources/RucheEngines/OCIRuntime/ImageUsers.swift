import Glibc
import RucheCore
import RucheHost
import SystemPackage

/// Users and groups of an image, read in its root without leaving it.
struct ImageUsers {
    struct Identity: Hashable, Sendable {
        var uid: UInt32
        var gid: UInt32
        var groups: [UInt32]
    }

    private static let limit = 4 << 20
    private let users: [[Substring]]
    private let groups: [[Substring]]

    /// Reads `/etc/passwd` and `/etc/group`; a missing one has no entries.
    init(root: FilePath) throws {
        users = try Self.entries("etc/passwd", root)
        groups = try Self.entries("etc/group", root)
    }

    /// Resolves `user[:group]`, each a name or a number. A number needs no entry; without one the group is 0.
    /// Without a group, the groups that name the user as a member are added.
    func resolve(_ text: String) throws -> Identity {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard let user = parts.first, !user.isEmpty else {
            throw RucheError(.invalidInput, "the user \"\(text)\" is empty: write a name or a number")
        }
        let entry = users.first { $0[0] == user } ?? users.first { $0[2] == user }
        guard let uid = entry.flatMap({ UInt32($0[2]) }) ?? Self.number(user) else {
            throw RucheError(
                .invalidInput, "the image has no user \"\(user)\": add it in a step or write a number",
                details: ["user": String(user)])
        }
        if parts.count == 2 { return Identity(uid: uid, gid: try group(parts[1]), groups: []) }
        let gid = entry.flatMap { UInt32($0[3]) } ?? 0
        guard let name = entry?[0] else { return Identity(uid: uid, gid: gid, groups: []) }
        let member = groups.filter { $0.count > 3 && $0[3].split(separator: ",").contains(name) }
        return Identity(uid: uid, gid: gid, groups: member.compactMap { UInt32($0[2]) }.filter { $0 != gid }.sorted())
    }

    private func group(_ text: Substring) throws -> UInt32 {
        let entry = groups.first { $0[0] == text }
        guard let gid = entry.flatMap({ UInt32($0[2]) }) ?? Self.number(text) else {
            throw RucheError(
                .invalidInput, "the image has no group \"\(text)\": add it in a step or write a number",
                details: ["group": String(text)])
        }
        return gid
    }

    /// 4294967295 stands for "no change" in the kernel's calls, so it is no user.
    private static func number(_ text: Substring) -> UInt32? {
        guard text.utf8.allSatisfy({ (48...57).contains($0) }) else { return nil }
        return UInt32(text).flatMap { $0 == .max ? nil : $0 }
    }

    private static func entries(_ path: FilePath, _ root: FilePath) throws -> [[Substring]] {
        let bytes: [UInt8]
        do {
            bytes = try RootedFile.read(path, in: root, limit: limit)
        } catch Errno.noSuchFileOrDirectory {
            return []
        }
        return String(decoding: bytes, as: UTF8.self).split(separator: "\n").map {
            $0.split(separator: ":", omittingEmptySubsequences: false)
        }.filter { $0.count >= 4 }
    }
}
