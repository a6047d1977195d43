import RucheClient
import RucheCore
import RucheHost
import RucheWire
import RucheWorkbench
import SystemPackage

/// The image that a workbench starts from: built by the server as a release of its own, fetched, and removed again.
struct BaseImage: Sendable {
    /// As a recipe has it; a path is that of this machine.
    let reference: String
    private let path: FilePath?

    /// Reads `--from`. Throws `invalid_input` or `not_found` before anything is made.
    init(_ text: String, _ environment: ProcessEnvironment) throws {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        switch parts.first {
        case "debian" where parts.count == 2 && parts[1].wholeMatch(of: /[a-z][a-z-]*/) != nil:
            (reference, path) = (text, nil)
        case "oci" where parts.count == 2, "tar" where parts.count == 2, "docker-archive" where parts.count == 2:
            let file = environment.absolute(parts[1])
            guard FileTree.exists(file) else { throw RucheError(.notFound, "there is no \(file) to start from") }
            (reference, path) = ("\(parts[0]):base", file)
        default:
            do { _ = try ReleaseReference(parsing: text) } catch {
                throw RucheError(
                    .invalidInput,
                    "\"\(text)\" is nothing to start from: write debian:SUITE, owner/name[:version], oci:PATH, "
                        + "docker-archive:PATH or tar:PATH")
            }
            (reference, path) = (text, nil)
        }
    }

    /// Runs `body` with the image as a file or folder, in the form that `kind` takes.
    func with<Result: Sendable>(
        for kind: WorkbenchKind, name: String, _ client: APIClient, _ context: CommandContext,
        _ body: @Sendable (FilePath) async throws -> Result
    ) async throws -> Result {
        try await TemporaryDirectory.with(in: context.environment.temporaryFolder, prefix: "ruche-base") { work in
            let recipe = try await write(to: work.appending("recipe"), kind, name)
            return try await TemporaryRelease.with(recipe, client, context) { release in
                let target = work.appending("image")
                let meter = Meter("fetching the base", unit: .bytes)
                _ = try await meter.show(on: context.output) {
                    try await FolderDownload.run(to: target, isFolder: kind == .lxd) { file in
                        try await client.export(release, format: kind.baseFormat, to: file) {
                            meter.set($0.received, of: $0.total)
                        }
                    }
                }
                return try await body(target)
            }
        }
    }

    private func write(to folder: FilePath, _ kind: WorkbenchKind, _ name: String) async throws -> FilePath {
        try FileTree.makeFolder(folder)
        if let path {
            let copy = Command("cp", ["-aL", "--reflink=auto", "--", path.string, folder.appending("base").string])
            try await SystemCommandRunner().runChecked(copy)
        }
        var recipe: [String: JSONValue] = [
            "ruche": 1, "name": .string("\(TemporaryRelease.owner)/\(name)"),
            "version": .string(TemporaryRelease.version()), "from": .string(reference),
        ]
        if kind == .lxd {
            recipe["variants"] = ["oci", "lxd"]
            recipe["steps"] = [["shell": .string(Self.initScript)]]
        }
        try AtomicFile.write(
            try JSON.encode(JSONValue.object(recipe)), to: folder.appending(RecipeFolder.fileName), durable: false)
        return folder
    }

    /// LXD starts /sbin/init; a minimal image has none.
    static let initScript = #"""
        [ -e /sbin/init ] || [ -L /sbin/init ] || {
          mkdir -p /sbin
          printf '#!/bin/sh\ntrap "exit 0" TERM INT PWR\nwhile :; do sleep 3600 & wait $!; done\n' >/sbin/init
          chmod 755 /sbin/init
        }
        """#
}
