import RucheCore

/// Tells how a build differs from the lock that it must reproduce.
enum LockComparison {
    private static let shown = 20

    /// Throws `conflict` that lists the differences.
    static func check(_ result: BuildLock, against lock: BuildLock) throws {
        let found = differences(result, lock)
        guard !found.isEmpty else { return }
        let more = found.count > shown ? [", and \(found.count - shown) more"] : []
        throw RucheError(
            .conflict,
            "the build differs from its lock: \(found.prefix(shown).joined(separator: ", "))\(more.joined())",
            details: ["differences": String(found.count)])
    }

    /// Files are known before anything is built.
    static func checkFiles(_ files: [String: Digest], against lock: BuildLock) throws {
        let found = changes(lock.files.mapValues(\.short), files.mapValues(\.short), "file")
        guard !found.isEmpty else { return }
        throw RucheError(
            .conflict, "the recipe's files differ from the lock: \(found.prefix(shown).joined(separator: ", "))",
            details: ["differences": String(found.count)])
    }

    static func differences(_ result: BuildLock, _ lock: BuildLock) -> [String] {
        var found: [String] = []
        if result.architecture != lock.architecture {
            found.append("architecture \(lock.architecture) became \(result.architecture)")
        }
        if result.base.layers != lock.base.layers { found.append("the layers of the base \(lock.base.reference)") }
        if result.base.packer?.disk != lock.base.packer?.disk { found.append("the disk of \(lock.base.reference)") }
        found += changes(lock.apt, result.apt, "apt")
        for folder in Set(lock.pip.keys).union(result.pip.keys).sorted() {
            found += changes(lock.pip[folder] ?? [:], result.pip[folder] ?? [:], "pip")
        }
        return found + changes(lock.files.mapValues(\.short), result.files.mapValues(\.short), "file")
    }

    private static func changes(_ before: [String: String], _ after: [String: String], _ kind: String) -> [String] {
        Set(before.keys).union(after.keys).sorted().compactMap { name in
            guard before[name] != after[name] else { return nil }
            return "\(kind) \(name) \(before[name] ?? "(none)") became \(after[name] ?? "(none)")"
        }
    }
}
