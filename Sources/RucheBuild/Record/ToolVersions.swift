import Glibc
import RucheCore
import RucheHost
import SystemPackage

/// What the programs of a build say their versions are. Each is asked once, until its file changes: some take
/// longer to tell than a build to run.
struct ToolVersions: Sendable {
    private struct Record: Codable {
        /// Device, inode, size and times of the program's file.
        var identity: [Int64]
        var version: String
    }

    let cache: FilePath
    let runner: any CommandRunning

    private var records: RecordFolder<Record> { RecordFolder(folder: cache.appending("tools")) }

    /// First lines by program name. A tool that does not tell its version is left out: that fails no build.
    func read(_ tools: [Tool]) async -> [String: String] {
        var result: [String: String] = [:]
        for tool in tools { result[tool.name] = await version(tool) }
        return result
    }

    private func version(_ tool: Tool) async -> String? {
        guard let path = Tool.find(tool.name), let identity = Self.identity(path) else { return nil }
        if let known = records.read(tool.name), known.identity == identity { return known.version }
        let option = tool == .mksquashfs ? "-version" : "--version"
        guard let output = try? await runner.run(Command(tool.name, [option]), onLine: nil).output,
            let line = output.split(separator: "\n").first
        else { return nil }
        // A record that can't be written is made by the next build.
        try? records.write(Record(identity: identity, version: String(line)), as: tool.name, durable: false)
        return String(line)
    }

    private static func identity(_ path: String) -> [Int64]? {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        return [
            Int64(status.st_dev), Int64(status.st_ino), Int64(status.st_size), Int64(status.st_mtim.tv_sec),
            Int64(status.st_mtim.tv_nsec), Int64(status.st_ctim.tv_sec), Int64(status.st_ctim.tv_nsec),
        ]
    }
}
