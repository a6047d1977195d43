import Glibc
import RucheCore
import RucheHost
import SystemPackage
import Testing

/// A scratch folder with an own data directory, and the real program over it.
struct RucheFixture: Sendable {
    let folder: FilePath
    let runner = SystemCommandRunner()

    var data: FilePath { folder.appending("data") }

    /// Runs `body` and then removes everything, the mounts that a killed process left included.
    static func with<Result>(_ body: (RucheFixture) async throws -> Result) async throws -> Result {
        let fixture = RucheFixture(folder: try TemporaryDirectory.make(in: "/var/tmp", prefix: "ruche-test"))
        do {
            let result = try await body(fixture)
            try await fixture.clean()
            return result
        } catch {
            try? await fixture.clean()  // the body's error is the one to report
            throw error
        }
    }

    /// The program beside the test bundle.
    static let program: String = {
        var buffer = [CChar](repeating: 0, count: 4096)
        let count = readlink("/proc/self/exe", &buffer, buffer.count - 1)
        let path = FilePath(String(decoding: buffer[..<max(0, count)].map(UInt8.init(bitPattern:)), as: UTF8.self))
        return path.removingLastComponent().appending("ruche").string
    }()

    /// The folder of the package, for its examples.
    static let package: FilePath = FilePath(#filePath).removingLastComponent().removingLastComponent()
        .removingLastComponent().removingLastComponent()

    static let examples = package.appending("examples")

    func command(_ arguments: [String]) -> Command {
        Command(
            Self.program, arguments, environment: ["RUCHE_DATA": data.string, "HOME": folder.string, "NO_COLOR": "1"],
            workingDirectory: folder)
    }

    /// Runs the program and returns how it ended.
    func run(_ arguments: String...) async throws -> CommandResult {
        try await runner.run(command(arguments), onLine: nil)
    }

    /// Runs the program and records an issue unless it ends with `code`.
    @discardableResult
    func ruche(
        _ arguments: String..., code: Int = 0, fileID: String = #fileID, line: Int = #line
    ) async throws -> CommandResult {
        let result = try await runner.run(command(arguments), onLine: nil)
        #expect(
            result.status.shellCode == code,
            "ruche \(arguments.joined(separator: " "))\n\(result.output.suffix(4000))\n\(result.errorTail)",
            sourceLocation: SourceLocation(fileID: fileID, filePath: fileID, line: line, column: 1))
        return result
    }

    /// Runs another program and throws unless it succeeds.
    @discardableResult
    func tool(_ name: String, _ arguments: String..., environment: [String: String] = [:]) async throws -> String {
        try await runner.runChecked(
            Command(name, arguments, environment: environment.merging(["HOME": folder.string]) { a, _ in a })
        ).output
    }

    /// The same with a list of arguments.
    @discardableResult
    func tool(_ name: String, _ arguments: [String]) async throws -> String {
        try await runner.runChecked(Command(name, arguments, environment: ["HOME": folder.string])).output
    }

    /// Writes a file below the scratch folder and returns its path.
    @discardableResult
    func write(_ path: String, _ text: String, executable: Bool = false) throws -> FilePath {
        let target = folder.appending(path)
        try FileTree.makeFolder(target.removingLastComponent())
        try AtomicFile.write(
            Array(text.utf8), to: target,
            permissions: executable ? FilePermissions(rawValue: 0o755) : FilePermissions(rawValue: 0o644))
        return target
    }

    private func clean() async throws {
        try unmountBelow(folder)
        try FileTree.remove(folder)
    }
}

/// Whether nothing is in a folder, or it is not there.
func isMissingOrEmpty(_ folder: FilePath) throws -> Bool {
    guard FileTree.exists(folder) else { return true }
    return try FileTree.names(in: folder).isEmpty
}

/// Unmounts what is mounted below a folder, deepest first.
func unmountBelow(_ folder: FilePath) throws {
    let mounts = try String(decoding: AtomicFile.read("/proc/self/mounts"), as: UTF8.self)
    for line in mounts.split(separator: "\n").reversed() {
        let fields = line.split(separator: " ")
        if fields.count > 1, fields[1].hasPrefix(folder.string) { umount2(String(fields[1]), Int32(MNT_DETACH)) }
    }
}
