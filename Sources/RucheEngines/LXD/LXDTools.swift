import Glibc
import RucheCore
import RucheHost
import SystemPackage

/// The programs that begin every container, this machine's own with what they need, so that an image needs none:
/// `setpriv`, which gives up root before anything of the image runs, `env`, which undoes that LXC ignores signals
/// (SIGPIPE), and a shell.
struct LXDTools: Sendable {
    /// Where the container has its private folder and, in it, these programs.
    static let home = "/.ruche"
    private static let inside = home + "/tools"
    private static let programs = ["/bin/sh", "/usr/bin/env", "/usr/bin/setpriv"]

    let folder: FilePath
    let runner: any CommandRunning

    init(engine: FilePath, runner: any CommandRunning) {
        folder = engine.appending("tools")
        self.runner = runner
    }

    /// The words that run one of the programs in a container.
    static func command(_ name: String) -> [String] {
        ["\(inside)/loader", "--library-path", inside, "\(inside)/\(name)"]
    }

    static func missing() -> [String] { programs.filter { Tool.find($0) == nil } }

    /// Copies the programs and their libraries, once.
    func prepare() async throws {
        guard !FileTree.exists(folder) else { return }
        try FileTree.makeFolder(folder.removingLastComponent(), permissions: 0o700)
        try await TemporaryDirectory.with(in: folder.removingLastComponent(), prefix: "tools") { work in
            let files = work.appending("files")
            try FileTree.makeFolder(files)
            for program in Self.programs {
                try copy(FilePath(program), to: files, as: nil)
                for library in try await libraries(of: program) {
                    let isLoader = library.lastComponent?.string.hasPrefix("ld-") ?? false
                    try copy(library, to: files, as: isLoader ? "loader" : nil)
                }
            }
            // Another one may have been faster.
            guard rename(files.string, folder.string) == 0 || FileTree.exists(folder) else {
                throw Errno(rawValue: errno)
            }
        }
    }

    private func libraries(of program: String) async throws -> [FilePath] {
        let output = try await runner.runChecked(Command("ldd", [program])).output
        return output.split(separator: "\n").compactMap { line in
            line.split(separator: " ").first { $0.contains("/") }.map {
                FilePath(String($0.drop { $0.isWhitespace }))
            }
        }
    }

    private func copy(_ source: FilePath, to folder: FilePath, as name: String?) throws {
        let target = folder.appending(name ?? source.lastComponent?.string ?? "")
        try AtomicFile.write(
            AtomicFile.read(source), to: target,
            permissions: [.ownerReadWriteExecute, .groupReadExecute, .otherReadExecute], durable: false)
        try FileTree.setMode(target, 0o755)
    }
}
