/// Bounds on what an archive may unpack to, so that a small hostile file can't fill the machine.
package struct ArchiveLimits: Hashable, Sendable {
    package var entries: Int
    /// Bytes after decompression, headers included.
    package var bytes: Int64

    package init(entries: Int = 4_000_000, bytes: Int64 = 256 << 30) {
        self.entries = entries
        self.bytes = bytes
    }
}
