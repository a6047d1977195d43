/// A folder of this machine inside an instance. Written `DIR[:PATH]`, both absolute and without commas.
package struct InstanceShare: Hashable, Sendable, Codable {
    /// An absolute path of this machine.
    package var source: String
    /// Where the instance sees it.
    package var target: String

    package init(source: String, target: String) {
        self.source = source
        self.target = target
    }

    /// Without a path it is `/mnt/` and the folder's name. Nil when either is no absolute path.
    package init?(_ text: String) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false).map { String($0) }
        guard (1...2).contains(parts.count), let last = parts[0].split(separator: "/").last else { return nil }
        self.init(source: parts[0], target: parts.count == 2 ? parts[1] : "/mnt/\(last)")
        guard isValid else { return nil }
    }

    package var isValid: Bool {
        [source, target].allSatisfy { path in
            path.hasPrefix("/") && path.utf8.count < 1024 && !path.utf8.contains { $0 < 32 || $0 == 44 }
                && !path.split(separator: "/").contains("..")
        } && target.split(separator: "/").count > 0
    }
}
