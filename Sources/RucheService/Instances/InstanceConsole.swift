import RucheCore
import RucheHost
import SystemPackage

/// What an instance writes, whichever way it is kept: the bytes of a machine's serial port, or the records of a
/// container's streams.
struct InstanceConsole: Sendable {
    let folder: InstanceFolder
    let isContainer: Bool

    init(_ record: InstanceRecord, _ folder: InstanceFolder) {
        self.folder = folder
        isContainer = record.isContainer
    }

    var path: FilePath { isContainer ? folder.records : folder.console }

    /// Bytes that it has; what was before may have been taken away.
    var size: Int64 {
        guard case .regular(let size)? = try? FileTree.kind(path) else { return 0 }
        return size
    }

    /// Where what it wrote since it had `before` bytes begins.
    func news(since before: Int64) -> Int64 { size < before ? 0 : before }

    /// Its last lines that say something; of a machine, of what it wrote since it had `before` bytes.
    func tail(_ count: Int, since before: Int64 = 0) -> [String] {
        isContainer
            ? ConsoleTail.records(path, count: count)
            : ConsoleTail.lines(path, count: count, from: news(since: before))
    }

    /// Takes away what is over the limit. A guest may write without end; the newest is kept.
    func trim(limit: Int64) throws {
        if isContainer {
            try LogThinning.thin(path, limit: limit)
        } else {
            try ConsoleTail.trim(path, to: folder.olderConsole, limit: limit)
        }
    }
}
