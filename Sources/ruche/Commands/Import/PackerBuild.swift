import RucheCore
import RucheHost
import Synchronization
import SystemPackage

/// Runs a template of Packer under its own builder, as the person who asks, and finds the disk that came of it.
struct PackerBuild {
    /// Files that packages and disks are in, by how their names end. A disk may have no ending at all.
    private static let endings = ["box", "ova", "qcow2", "vmdk", "vdi", "vhdx", "raw", "img"]

    let runner: any CommandRunning
    let template: FilePath
    let arguments: [String]
    let environment: [String: String]

    /// Paths of the files of the last artifact of each build. `onLine` gets what Packer says.
    func run(_ onLine: @escaping @Sendable (String) -> Void) async throws -> [FilePath] {
        try Tool.require(.packer)
        let folder = template.removingLastComponent()
        let name = template.lastComponent?.string ?? ""
        let command = Command(
            Tool.packer.name, ["build", "-machine-readable"] + arguments + [name],
            environment: environment.merging(["CHECKPOINT_DISABLE": "1"]) { own, _ in own }, workingDirectory: folder)
        let found = Mutex<[String: (number: Int, files: [String])]>([:])
        let result = try await runner.run(command) { line in
            let words = line.text.split(separator: ",", omittingEmptySubsequences: false).map(Self.unescape)
            if words.count > 4, words[2] == "ui" { onLine(words[4]) }
            guard words.count > 6, words[2] == "artifact", words[4] == "file", let number = Int(words[3]) else {
                return
            }
            found.withLock { found in
                if found[words[1]]?.number != number { found[words[1]] = (number, []) }
                found[words[1]]?.files.append(words[6])
            }
        }
        guard result.status.isSuccess else {
            throw RucheError(
                .buildFailed, "packer could not build \(template): what it said is above",
                details: ["exit_code": String(result.status.shellCode)])
        }
        return found.withLock { $0.values.flatMap(\.files) }.sorted().map { folder.pushing(FilePath($0)) }
    }

    /// The one file among them that is a disk or holds one. Throws `unsupported` for none and for several.
    static func disk(among files: [FilePath]) throws -> FilePath {
        let disks = files.filter { $0.extension.map { endings.contains($0.lowercased()) } ?? true }
        guard let disk = disks.first, disks.count == 1 else {
            let names = files.map(\.string).joined(separator: ", ")
            throw RucheError(
                .unsupported,
                "the template makes \(disks.count) disks (\(names.isEmpty ? "no file" : names)): choose one build with --only"
            )
        }
        return disk
    }

    /// Packer's documentation, "Machine-Readable Output".
    private static func unescape(_ text: Substring) -> String {
        String(text).replacing("%!(PACKER_COMMA)", with: ",").replacing("\\n", with: "\n").replacing("\\r", with: "")
    }
}
