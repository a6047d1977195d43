import Glibc
import RucheCore
package import RucheHost
package import RucheImages
package import SystemPackage

/// Builds with buildah: no daemon, a store of its own for each build, steps in runc containers whose root is an
/// unprivileged user of the machine, without network.
package struct BuildahBuilder: DockerfileBuilding {
    package static let processFile = "builder.pid"
    /// The user of this machine that the build's root is, and how many follow: beyond those that people have.
    private static let userMap = "0:\(firstUser):65536"
    private static let firstUser: UInt32 = 1_879_048_192
    private static let users = ["--userns-uid-map", userMap, "--userns-gid-map", userMap]
    private static let image = "localhost/ruche-package:latest"
    /// Where the builder sees its private folder: the root of a build is nobody to the folders above it.
    private static let inside: FilePath = "/dev/shm/ruche"
    /// In a mount namespace of its own, which the folder of shared memory is the emptiest place of.
    private static let enter = """
        mount -t tmpfs -o mode=0755 tmpfs /dev/shm && mkdir /dev/shm/ruche && mount --bind . /dev/shm/ruche \
        && cd /dev/shm/ruche && exec "$@"
        """

    private let configuration: DockerfileBuilderConfiguration
    private let runner: any CommandRunning

    package init(_ configuration: DockerfileBuilderConfiguration, runner: any CommandRunning) {
        self.configuration = configuration
        self.runner = runner
    }

    package var baseFormat: ExportFormat { .ociArchive }

    package func build(
        _ build: DockerfileBuild, onLine: @escaping @Sendable (OutputLine) -> Void
    ) async throws -> ImageSource {
        try Tool.require(.buildah, .runc)
        let policy = Self.inside.appending("policy.json")
        try AtomicFile.write(
            Array(#"{"default": [{"type": "insecureAcceptAnything"}]}"#.utf8),
            to: build.scratch.appending("policy.json"), durable: false)
        try FileTree.makeFolder(build.scratch.appending("tmp"))
        if !configuration.allowsNetwork {
            // Short names mean nothing but what is here.
            try AtomicFile.write(
                Array("unqualified-search-registries = []\n".utf8), to: build.scratch.appending("registries.conf"),
                durable: false)
        }
        for base in build.bases {
            let pulled = try await run(
                ["pull", "--quiet", "--signature-policy", policy.string, "oci-archive:\(base.archive)"], build, onLine)
            let id = pulled.output.split(whereSeparator: \.isWhitespace).last.map(String.init) ?? ""
            let name = "localhost/\(base.name)"
            _ = try await run(["tag", id, name], build, onLine)
            // Makes the layers of the base anew for the build's users, all but their topmost folder.
            _ = try await run(
                ["from", "--quiet", "--pull-never", "--signature-policy", policy.string] + Self.users + [name], build
            ) { _ in }
        }
        try Self.ownRoots(in: build.scratch)
        _ = try await run(arguments(build, policy), build, onLine)
        let archive = "image.tar"
        _ = try await run(
            [
                "push", "--quiet", "--signature-policy", policy.string, Self.image,
                "oci-archive:\(Self.inside.appending(archive))",
            ], build, onLine)
        return .ociArchive(build.scratch.appending(archive))
    }

    private func arguments(_ build: DockerfileBuild, _ policy: FilePath) -> [String] {
        [
            "bud", "--isolation", "oci", "--runtime", "runc", "--format", "oci", "--layers=false", "--no-cache",
            "--network", configuration.allowsNetwork ? "host" : "none",
            configuration.allowsNetwork ? "--pull" : "--pull-never", "--memory", "\(configuration.memory.bytes)",
            "--ulimit",
            "nproc=\(configuration.processes)", "--signature-policy", policy.string, "--timestamp", "315532800",
            "--file", build.context.appending(PackageContents.dockerfileName).string, "--tag", Self.image,
        ] + Self.users + [build.context.string]
    }

    /// Archives of this site's layers have no entry for the root itself, so buildah leaves it to the machine's root,
    /// who is nobody in the build.
    private static func ownRoots(in scratch: FilePath) throws {
        let layers = scratch.appending("storage").appending("vfs").appending("dir")
        guard FileTree.isFolder(layers) else { return }
        for name in try FileTree.names(in: layers) {
            let path = layers.appending(name).string
            guard lchown(path, firstUser, firstUser) == 0, chmod(path, 0o755) == 0 else { throw Errno(rawValue: errno) }
        }
    }

    /// In namespaces of its own for processes and mounts, which end with its first process: whatever a build
    /// started and mounted goes with it. Its number is written down, so that the next server can end it.
    private func run(
        _ arguments: [String], _ build: DockerfileBuild, _ onLine: @escaping @Sendable (OutputLine) -> Void
    ) async throws -> CommandResult {
        let (scratch, inside) = (build.scratch, Self.inside)
        var environment = ["TMPDIR": inside.appending("tmp").string, "HOME": inside.string]
        if FileTree.exists(scratch.appending("registries.conf")) {
            environment["CONTAINERS_REGISTRIES_CONF"] = inside.appending("registries.conf").string
        }
        let command = Command(
            "/bin/sh",
            [
                "-c", #"echo $$ >"$0"; exec "$@""#, scratch.appending(Self.processFile).string, "unshare", "--mount",
                "--pid", "--fork", "--kill-child=KILL", "--mount-proc", "/bin/sh", "-c", Self.enter, scratch.string,
                "buildah", "--root", inside.appending("storage").string, "--runroot",
                inside.appending("run").string, "--storage-driver", "vfs",
            ] + arguments, environment: environment, workingDirectory: scratch)
        return try await DockerfileCommand.run(command, runner, seconds: configuration.time, onLine)
    }

    /// Ends a build that a former server left running in a scratch folder.
    package static func endLeftover(in scratch: FilePath) async throws {
        let file = scratch.appending(processFile)
        // No file, or none that holds a number: nothing was started.
        guard let bytes = try? AtomicFile.read(file, limit: 64),
            let pid = Int32(String(decoding: bytes, as: UTF8.self).filter(\.isNumber)),
            ProcessIdentity.arguments(of: pid).contains(where: { $0.hasPrefix(scratch.string) }),
            let process = ProcessIdentity(of: pid)
        else { return }
        process.send(9)
        // One that hangs in the kernel keeps no server from its start.
        _ = try await Waiting.until(within: .seconds(10), every: .milliseconds(20)) { !process.isAlive }
    }
}
