import Glibc
import RucheCore
package import SystemPackage

/// Users and groups of an image, read in its root or its layers without leaving them.
package struct ImageUsers {
    package struct Identity: Hashable, Sendable {
        package var uid: UInt32
        package var gid: UInt32
        package var groups: [UInt32]
        /// Nil without an entry.
        package var home: String?

        package init(uid: UInt32, gid: UInt32, groups: [UInt32] = [], home: String? = nil) {
            self.uid = uid
            self.gid = gid
            self.groups = groups
            self.home = home
        }
    }

    private static let limit = 4 << 20
    private let users: [[Substring]]
    private let groups: [[Substring]]

    /// Reads `/etc/passwd` and `/etc/group`; a missing one has no entries.
    package init(root: FilePath) throws { try self.init(layers: [root]) }

    /// The same in unpacked layers, lowest first, as a mount of them would show it.
    package init(layers: [FilePath]) throws {
        users = try Self.entries("etc/passwd", layers)
        groups = try Self.entries("etc/group", layers)
    }

    /// Resolves `user[:group]`, each a name or a number. A number needs no entry; without one the group is 0.
    /// Without a group, the groups that name the user as a member are added.
    package func resolve(_ text: String) throws -> Identity {
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
        let home = entry.flatMap { $0.count > 5 && $0[5].hasPrefix("/") ? String($0[5]) : nil }
        if parts.count == 2 { return Identity(uid: uid, gid: try group(parts[1]), home: home) }
        let gid = entry.flatMap { UInt32($0[3]) } ?? 0
        guard let name = entry?[0] else { return Identity(uid: uid, gid: gid) }
        let member = groups.filter { $0.count > 3 && $0[3].split(separator: ",").contains(name) }
        let others = member.compactMap { UInt32($0[2]) }.filter { $0 != gid }.sorted()
        return Identity(uid: uid, gid: gid, groups: others, home: home)
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

    private static func entries(_ path: FilePath, _ layers: [FilePath]) throws -> [[Substring]] {
        let bytes: [UInt8]
        do {
            bytes = try RootedFile.read(path, inLayers: layers, limit: limit)
        } catch Errno.noSuchFileOrDirectory {
            return []
        }
        return String(decoding: bytes, as: UTF8.self).split(separator: "\n").map {
            $0.split(separator: ":", omittingEmptySubsequences: false)
        }.filter { $0.count >= 4 }
    }
}
