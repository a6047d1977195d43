import ArgumentParser
import RucheClient
import RucheCore
import RucheHost
import RucheImages
import RucheWire
import RucheWorkbench
import SystemPackage

struct PipelinePack: RucheCommand {
    static let configuration = CommandConfiguration(
        commandName: "pack",
        abstract: "Write a workbench as a package that others install.",
        discussion: """
            zip-lxd     manifest.json, an LXD image, the form and the documents
            zip-docker  manifest.json, a Dockerfile and its root, the form and the documents
            lxd         one LXD image that has the manifest in its metadata
            oci         a release as an OCI archive

            The same workbench and files give the same bytes.

            Examples:
              ruche pipeline pack calling -o calling_v1.0.0.zip
              ruche pipeline pack calling -o calling.tar --format oci
            """)

    @Argument(help: "The workbench.")
    var name: String

    @Option(
        name: [.customShort("o"), .customLong("output")],
        help: ArgumentHelp("The file; must not exist.", valueName: "file"), completion: .file())
    var path: String

    @Option(
        help: ArgumentHelp("zip-lxd, zip-docker, lxd or oci.", valueName: "format"),
        transform: { text in
            guard let format = PackageFormat(rawValue: text) else {
                throw ValidationError("\"\(text)\" is no format: write zip-lxd, zip-docker, lxd or oci")
            }
            return format
        })
    var format: PackageFormat = .zipLXD

    @OptionGroup(title: "Global options") var global: GlobalOptions

    /// What `--json` prints.
    private struct Packed: Encodable {
        var path: String
        var size: Int64
        var digest: Digest
        var name: EnvironmentName
        var version: ReleaseVersion
    }

    func run(_ context: CommandContext) async throws {
        let target = context.environment.absolute(path)
        guard FileTree.isFolder(target.removingLastComponent()) else {
            throw RucheError(.notFound, "there is no folder \(target.removingLastComponent()) to write to")
        }
        guard !FileTree.exists(target) else {
            throw RucheError(.conflict, "\(target) exists already; move it away or name another file")
        }
        let workbench = try await Workbenches.open(name, context)
        let packed = try await PackingFolder.with(for: target) { work in
            let stage = try await PackagingStage.make(
                workbench, name: nil, version: nil, in: work.appending("recipe"))
            let file = work.appending("package")
            if format == .oci {
                try await writeRelease(stage, to: file, context)
            } else {
                try PackageWriter(stage, scratch: work).write(format, to: file)
            }
            let digest = try Self.digest(of: file)
            guard case .regular(let size) = try FileTree.kind(file) else {
                throw RucheError(.internalError, "\(file) is no file")
            }
            try DurableTree.sync(work)
            try DurableTree.moveWithoutReplacing(file, to: target)
            return Packed(
                path: target.string, size: size, digest: digest, name: stage.recipe.name,
                version: stage.recipe.version)
        }
        try context.output.json(packed)
        context.output.quiet(packed.digest.description)
        context.output.line("wrote \(target) (\(HumanText.size(packed.size)))", .bold)
        context.output.fields([
            ("pipeline", "\(packed.name):\(packed.version)"), ("sha256", packed.digest.hex),
        ])
    }

    /// Builds the release under its own name, so that it carries that, and removes it unless it was there before.
    private func writeRelease(_ stage: PackagingStage, to file: FilePath, _ context: CommandContext) async throws {
        try await context.withClient { client in
            let packed = PackedRelease(name, context)
            let wanted = "\(stage.recipe.name):\(stage.recipe.version)"
            let known =
                try await client.releases(name: stage.recipe.name.description)
                .contains { $0.version == stage.recipe.version } && !packed.isLeft(wanted)
            if !known { try packed.begin(wanted) }
            let release = try await TemporaryRelease.build(stage.folder, client, context)
            do {
                _ = try await client.export(release, format: "oci-archive", to: file)
            } catch {
                if !known { try? await client.removeRelease(release) }  // the first error is the one to report
                throw error
            }
            guard !known else { return }
            try await client.removeRelease(release)
            try packed.end()
        }
    }

    private static func digest(of path: FilePath) throws -> Digest {
        let file = try FileDescriptor.open(path, .readOnly, options: [.closeOnExec])
        return try file.closeAfter {
            var hasher = StreamHasher()
            var buffer = [UInt8](repeating: 0, count: 1 << 20)
            while true {
                let count = try buffer.withUnsafeMutableBytes { try file.read(into: $0) }
                if count == 0 { return hasher.finish() }
                buffer.withUnsafeBytes { hasher.update(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
            }
        }
    }
}
