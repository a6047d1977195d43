import RucheCore
import RucheHost

/// How large a disk is, and whether its content fits, before anything is written.
enum DiskSize {
    private static let block: Int64 = 4096
    private static let gibibyte: Int64 = 1 << 30

    /// Bytes that the files take in a file system, without its tables.
    static func content(_ items: [LayerWalk.Item]) -> Int64 {
        items.reduce(0) { sum, item in
            // A name takes part of a block of its folder, and every folder at least one block.
            let own = (item.entry.size + block - 1) / block * block
            return sum + own + (item.entry.kind == .folder ? block : 0) + 64
        }
    }

    /// The least size of a disk for `content` bytes: tables, the journal, and room for a first start.
    static func least(_ content: Int64) -> Int64 {
        let needed = DiskLayout.overhead + content + content / 12 + 96 << 20
        return rounded(needed, to: 1 << 20)
    }

    /// The size asked for, or one with as much room as there is content. Throws `invalid_input` when what is asked
    /// for is too small.
    static func choose(_ wanted: ByteCount?, content: Int64) throws -> Int64 {
        let least = least(content)
        guard let wanted else { return rounded(max(2 * gibibyte, least * 2), to: gibibyte) }
        let size = wanted.bytes / (1 << 20) * (1 << 20)
        guard size >= least else {
            throw RucheError(
                .invalidInput,
                "machine.disk is \(wanted), and what is in the machine needs \(ByteCount(least)): give at least that, or install less",
                details: ["least": String(least), "disk": String(wanted.bytes)])
        }
        return size
    }

    private static func rounded(_ value: Int64, to unit: Int64) -> Int64 { (value + unit - 1) / unit * unit }
}
