import RucheClient
import RucheCore
import RucheHost
import RucheWire
import SystemPackage

/// Copies a job's outputs to a folder. Nothing that exists is written over.
struct OutputDownload: Sendable {
    let context: CommandContext

    /// Throws `conflict` unless `folder` is missing or empty.
    static func check(_ folder: FilePath) throws {
        guard FileTree.exists(folder) else { return }
        guard FileTree.isFolder(folder) else {
            throw RucheError(.conflict, "\(folder) exists and is no folder; name another one")
        }
        guard try FileTree.names(in: folder).isEmpty else {
            throw RucheError(.conflict, "the folder \(folder) is not empty; outputs are never written over others")
        }
    }

    func run(_ job: JobDocument, to folder: FilePath, _ client: APIClient) async throws {
        try FileTree.makeFolder(folder)
        let total = job.outputs.reduce(0) { $0 + $1.size }
        let meter = Meter("fetching outputs", unit: .bytes, total: total)
        try await meter.show(on: context.output) {
            var done: Int64 = 0
            for file in job.outputs {
                let target = try Self.place(file, in: folder)
                try FileTree.makeFolder(target.removingLastComponent())
                let before = done
                _ = try await client.downloadOutput(file, of: job.id, to: target) {
                    meter.set(before + $0.received)
                }
                done += file.size
            }
        }
        context.output.note("\(HumanText.count(job.outputs.count, "output")) in \(folder)")
    }

    /// The server's path below `folder`; one that leads elsewhere is refused.
    static func place(_ file: JobFile, in folder: FilePath) throws -> FilePath {
        let relative = FilePath(file.path)
        let isPlain = relative.components.allSatisfy { $0.kind == .regular }
        guard !relative.isAbsolute, !relative.isEmpty, isPlain, !file.path.utf8.contains(0) else {
            throw RucheError(
                .invalidInput, "the output \"\(Sanitized.line(file.path))\" has a path that leads elsewhere")
        }
        return folder.pushing(relative)
    }
}
