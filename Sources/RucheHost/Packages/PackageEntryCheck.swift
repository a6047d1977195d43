package import RucheCore

/// Refuses what no honest package holds, entry by entry: paths that leave, names twice, devices, links out,
/// archives that unpack to a disk full.
package struct PackageEntryCheck {
    /// A package is a handful of files; an LXD image is a whole system.
    package static let limits = ArchiveLimits(entries: 2_000_000, bytes: 128 << 30)
    /// How many bytes one byte of the archive may become, once it is over the slack.
    private static let ratio: Int64 = 200
    private static let slack: Int64 = 64 << 20

    private let archiveSize: Int64
    private var seen: Set<[UInt8]> = []
    private var bytes: Int64 = 0
    /// What was wrong with an entry of a root file system, where links and devices are usual: only an LXD image
    /// may have them.
    package private(set) var rootFault: RucheError?

    package init(archiveSize: Int64) { self.archiveSize = archiveSize }

    /// The path below the archive's folder; nil for the folder itself. Throws `invalid_archive`.
    package mutating func accept(_ entry: ArchiveEntry) throws -> String? {
        guard let text = String(validating: entry.path, as: UTF8.self) else {
            throw Self.refusal(entry, "has a name that is no UTF-8")
        }
        guard (1...4096).contains(text.utf8.count), !text.hasPrefix("/") else {
            throw Self.refusal(entry, text.hasPrefix("/") ? "is an absolute path" : "has a name of impossible length")
        }
        let parts = text.split(separator: "/").filter { $0 != "." }
        guard !parts.contains("..") else { throw Self.refusal(entry, "leaves the archive through \"..\"") }
        guard parts.allSatisfy({ $0.utf8.count <= 255 }) else {
            throw Self.refusal(entry, "has a part of over 255 bytes in its name")
        }
        let isRoot = parts.first == "rootfs" && parts.count > 1
        guard isRoot || !text.contains(where: { $0 == "\\" || $0.unicodeScalars.contains { $0.value < 32 } }) else {
            throw Self.refusal(entry, "has a backslash or a control character in its name")
        }
        guard !parts.isEmpty else { return nil }
        let path = parts.joined(separator: "/")
        guard seen.insert(Array(path.utf8)).inserted || entry.kind == .folder else {
            throw Self.refusal(entry, "is in the archive twice")
        }
        try kind(entry, depth: parts.count, isRoot: isRoot)
        try count(entry.size, entry)
        return path
    }

    /// Adds bytes that came out of the archive. Throws `invalid_archive` for a bomb.
    private mutating func count(_ size: Int64, _ entry: ArchiveEntry) throws {
        bytes += size
        let most = max(Self.slack, archiveSize.multipliedReportingOverflow(by: Self.ratio).partialValue)
        guard bytes <= min(most, Self.limits.bytes) else {
            throw Self.refusal(
                entry,
                "makes the archive unpack to more than \(ByteCount(min(most, Self.limits.bytes))), "
                    + "which is too much for its \(ByteCount(archiveSize))")
        }
    }

    private mutating func kind(_ entry: ArchiveEntry, depth: Int, isRoot: Bool) throws {
        var fault: RucheError?
        switch entry.kind {
        case .folder, .regular: break
        case .symbolicLink:
            let target = String(validating: entry.link, as: UTF8.self)
            if !(target.map { RecipeLink.stays(target: $0, depth: depth) } ?? false) {
                fault = Self.refusal(entry, "is a link that may leave the package")
            }
        case .hardLink, .characterDevice, .blockDevice, .fifo, .socket:
            fault = Self.refusal(entry, "is neither a file, a folder nor a symbolic link")
        }
        guard let fault else { return }
        guard isRoot else { throw fault }
        rootFault = rootFault ?? fault
    }

    static func refusal(_ entry: ArchiveEntry, _ reason: String) -> RucheError {
        RucheError(
            .invalidArchive, "\"\(entry.name.prefix(200))\" in the package \(reason)",
            details: ["entry": String(entry.name.prefix(1000))])
    }
}
