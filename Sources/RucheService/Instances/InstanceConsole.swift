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

    /// Whether it wrote nothing yet.
    var isSilent: Bool {
        switch try? FileTree.kind(path) {
        case .regular(let size)?: size == 0
        default: true
        }
    }

    /// Its last lines that say something.
    func tail(_ count: Int) -> [String] {
        isContainer ? ConsoleTail.records(path, count: count) : ConsoleTail.lines(path, count: count)
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
