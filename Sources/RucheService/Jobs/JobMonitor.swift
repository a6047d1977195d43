import Glibc
import RucheCore
import RucheHost
import SystemPackage

/// Looks at a running job: what it says of its progress, and what it takes on disk.
struct JobMonitor: Sendable {
    /// Bytes of the console that are searched for markers at one look. A flood beyond it is passed over.
    private static let consoleLimit = 4 << 20
    private static let progressLimit = 64 << 10

    let folder: JobFolder
    private var parser = ConsoleParser()
    private var consoleOffset: Int64 = 0
    private var progressFile: FileIdentity?

    init(folder: JobFolder) { self.folder = folder }

    /// The newest progress since the last look, from marker lines and from `progress.json` in the logs.
    mutating func progress() -> JobProgress? {
        let file = readProgressFile()
        return readConsole() ?? file
    }

    private mutating func readConsole() -> JobProgress? {
        guard let size = FileIdentity(path: folder.liveConsole)?.size, size > consoleOffset,
            let file = try? FileDescriptor.open(folder.liveConsole, .readOnly, options: [.closeOnExec, .noFollow])
        else { return nil }  // not there yet
        defer { try? file.close() }  // it was only read
        if size - consoleOffset > Int64(Self.consoleLimit) {
            consoleOffset = size - Int64(Self.consoleLimit)
            parser = ConsoleParser()
        }
        var newest: JobProgress?
        var buffer = [UInt8](repeating: 0, count: 256 << 10)
        while consoleOffset < size {
            let offset = consoleOffset
            let count = buffer.withUnsafeMutableBytes { bytes in
                (try? file.read(fromAbsoluteOffset: offset, into: bytes)) ?? 0  // tried again at the next look
            }
            if count == 0 { break }
            consoleOffset += Int64(count)
            for line in parser.feed(buffer[..<count]) where line.stream == "stdout" {
                newest = JobProgress(line: line.text) ?? newest
            }
        }
        return newest
    }

    private mutating func readProgressFile() -> JobProgress? {
        let path = folder.logs.appending("progress.json")
        var status = stat()
        guard lstat(path.string, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
        let identity = FileIdentity(status)
        guard identity != progressFile else { return nil }
        // Half-written or foreign content is no error: the next look reads it again.
        guard let file = try? FileDescriptor.open(path, .readOnly, options: [.closeOnExec, .noFollow, .nonBlocking])
        else { return nil }
        defer { try? file.close() }  // it was only read
        var buffer = [UInt8](repeating: 0, count: Self.progressLimit)
        let count = buffer.withUnsafeMutableBytes { (try? file.read(into: $0)) ?? 0 }
        guard let value = try? JSONText.decode(JSONValue.self, Array(buffer[..<count])) else { return nil }
        progressFile = identity
        return JobProgress(payload: value)
    }

    /// Bytes under outputs, logs and the container's own layer; false for a job that hides some too deep.
    @concurrent static func diskUsage(_ folder: JobFolder) async throws -> (bytes: Int64, isWhole: Bool) {
        var total: (bytes: Int64, isWhole: Bool) = (0, true)
        for path in [folder.outputs, folder.logs, folder.scratch] {
            let usage = try FolderWalk.diskUsage(path)
            total = (total.bytes + usage.bytes, total.isWhole && usage.isWhole)
            await Task.yield()
        }
        return total
    }
}
