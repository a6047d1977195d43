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
            Takes an OCI archive, what "docker save" writes, a tarball of a root file system, or the disk of a virtual \
            machine: raw, qcow2, VMDK, VDI, VHDX, an appliance (OVA), a Vagrant box of libvirt or VirtualBox. A disk is \
            checked, kept as qcow2, and searched for what is on it: system, kernels, Debian packages.

            Examples:
              ruche release import debian.tar --as lab/debian:12.0
              ruche release import rootfs.tar.xz --as lab/minimal --version 1.0.0 --format rootfs-tar
              ruche release import desktop.ova --as lab/desktop:1.0.0
            """)

    @Argument(help: "The archive or disk image.", completion: .file())
    var file: String

    @Option(
        name: .customLong("as"), help: ArgumentHelp("owner/name[:version]", valueName: "release"),
        transform: Arguments.release)
    var release: ReleaseReference

    @Option(help: "The version, when --as names none.")
    var version: String?

    @Option(
        help: """
            oci-archive, docker-archive, rootfs-tar, raw, qcow2, vmdk, vdi, vhdx, ova or box; found out when not given.
            """)
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
        try await ImageSending(context: context, name: release.name, version: version, format: format).run(path)
    }
}
