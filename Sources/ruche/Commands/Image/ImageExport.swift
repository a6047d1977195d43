import ArgumentParser
import RucheClient
import RucheCore
import SystemPackage

struct ImageExport: RucheCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Write a release as a file or folder that other programs read.",
        discussion: """
            oci             a folder: OCI image layout (skopeo, podman, buildah)
            oci-archive     a tar of one
            docker-archive  a tar for "docker load"
            lxd             a folder with metadata.tar.xz and rootfs.squashfs ("lxc image import")
            rootfs-tar      the root file system as a tarball
            raw, qcow2, vmdk, vdi, vhdx
                            the disk of a machine; VMDK is stream-optimised
            ova             an appliance (OVF 1.0): description and disk in one file

            Examples:
              ruche release export lab/variant-calling --format docker-archive -o vc.tar
              ruche release export lab/variant-calling:1.0.0 --format lxd -o vc-lxd
              ruche release export lab/desktop --format vdi -o desktop.vdi
            """)

    enum Format: String, CaseIterable, ExpressibleByArgument, Sendable {
        case oci, lxd
        case ociArchive = "oci-archive"
        case dockerArchive = "docker-archive"
        case rootTarball = "rootfs-tar"
        case raw, qcow2, vmdk, vdi, vhdx, ova

        /// Comes as a tar that is unpacked here.
        var isFolder: Bool { self == .oci || self == .lxd }
    }

    @Argument(help: "owner/name[:version], or its identifier ark:/…", transform: Arguments.target)
    var release: CatalogueTarget

    @Option(help: "What to write.")
    var format: Format

    @Option(
        name: [.customShort("o"), .customLong("output")],
        help: ArgumentHelp("Where to; must not exist.", valueName: "path"),
        completion: .file())
    var path: String

    @OptionGroup(title: "Global options") var global: GlobalOptions

    func run(_ context: CommandContext) async throws {
        let target = context.environment.absolute(path)
        let meter = Meter("exporting \(release)", unit: .bytes)
        let result = try await meter.show(on: context.output) {
            try await context.withClient { client in
                let exact = try await client.exact(try await release.release(client))
                return try await FolderDownload.run(to: target, isFolder: format.isFolder) { file in
                    try await client.export(exact, format: format.rawValue, to: file) {
                        meter.set($0.received, of: $0.total)
                    }
                }
            }
        }
        try context.output.json(Exported(path: target.string, size: result.size, digest: result.digest))
        context.output.quiet(target.string)
        context.output.line("wrote \(target) (\(HumanText.size(result.size)))")
    }

    private struct Exported: Encodable {
        var path: String
        var size: Int64
        var digest: Digest
    }
}
