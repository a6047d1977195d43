import ArgumentParser
import RucheClient
import RucheCore
import RucheHost
import RucheWire
import SystemPackage

struct ImageImport: RucheCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Put an image of other programs into the catalogue.",
        discussion: """
            Takes an OCI archive, what "docker save" writes, or a tarball of a root file system.

            Examples:
              ruche release import debian.tar --as lab/debian:12.0
              ruche release import rootfs.tar.xz --as lab/minimal --version 1.0.0 --format rootfs-tar
            """)

    @Argument(help: "The archive.", completion: .file())
    var file: String

    @Option(
        name: .customLong("as"), help: ArgumentHelp("owner/name[:version]", valueName: "release"),
        transform: Arguments.release)
    var release: ReleaseReference

    @Option(help: "The version, when --as names none.")
    var version: String?

    @Option(help: "oci-archive, docker-archive or rootfs-tar; found out when not given.")
    var format: String?

    @OptionGroup(title: "Global options") var global: GlobalOptions

    func validate() throws {
        guard release.digest == nil else { throw ValidationError("an import has no digest yet: leave out \"@…\"") }
        if let version, ReleaseVersion(version) == nil {
            throw ValidationError("\"\(version)\" is not a version: write 1.0.0 or 2026.1")
        }
        if let version, let named = release.selector, named != version {
            throw ValidationError("--as says version \(named), --version \(version): give one of them")
        }
        if version == nil, release.selector == nil {
            throw ValidationError("\"\(release.name)\" names no version: write --as \(release.name):VERSION")
        }
    }

    func run(_ context: CommandContext) async throws {
        let path = context.environment.absolute(file)
        guard let version = version ?? release.selector else { return }
        guard !FileTree.isFolder(path) else {
            throw RucheError(.invalidInput, "\(path) is a folder; import an archive of it (\"tar -C \(file) -cf - .\")")
        }
        let meter = Meter("importing \(path.lastComponent?.string ?? file)", unit: .bytes)
        let result = try await meter.show(on: context.output) {
            try await context.withClient { client in
                let upload = try Upload.file(path) { meter.set($0, of: $1) }
                let operation = try await client.importRelease(
                    upload, name: release.name, version: version, format: format)
                context.interrupts.onFirst { await OperationEnd.cancel(operation.id, client, context.output) }
                return try OperationEnd.result(of: try await client.finish(operation))
            }
        }
        try context.output.json(result)
        context.output.quiet("\(release.name):\(version)")
        context.output.line("imported \(release.name):\(version)")
    }
}
