import Glibc
import RucheCore
import RucheEngines
import RucheHost
import RucheImages
import SystemPackage

/// Makes a job's folders and the specification of its container. Can be done again after a crash.
struct JobPreparation: Sendable {
    let configuration: JobServiceConfiguration
    let package: PipelinePackage
    let token: JobToken

    /// What the container will be started with.
    struct Prepared: Sendable {
        var spec: ContainerSpec
        var warnings: [String]
    }

    @concurrent func prepare(_ job: JobRecord) async throws -> Prepared {
        let image = ReleaseImage(
            digest: package.imageDigest, parts: package.layers, cache: configuration.layers)
        var warnings: [String] = []
        let user = try await user(image, &warnings)
        let folder = JobFolder(data: configuration.data, id: job.id)
        do {
            try makeFolders(folder, user)
            let inputs = try await placeInputs(job, folder, user)
            try writeFiles(job, folder, user)
            var sandbox = try sandbox(job, folder, user, inputs: inputs)
            if try await teachesCurl(image) {
                try writeOwned(curlConfiguration(), to: folder.curl, user)
                teachCurl(&sandbox, folder)
            }
            let spec = ContainerSpec(id: job.container, image: image, scratch: folder.scratch, sandbox: sandbox)
            return Prepared(spec: spec, warnings: warnings)
        } catch let error as Errno {
            throw error == .noSpace
                ? RucheError(.diskFull, "the disk is full: job \(job.id) can't be prepared in \(folder.root)")
                : RucheError(.internalError, "job \(job.id) can't be prepared in \(folder.root): \(error)")
        }
    }

    /// The image's user. One who names none, or root, gets the site's unprivileged user.
    private func user(_ image: ReleaseImage, _ warnings: inout [String]) async throws -> ImageUsers.Identity {
        let text = package.image.config?.User ?? ""
        if geteuid() != 0 { return ImageUsers.Identity(uid: geteuid(), gid: getegid()) }
        let fallback = ImageUsers.Identity(uid: configuration.defaultUser.uid, gid: configuration.defaultUser.gid)
        if text.isEmpty { return fallback }
        let user = try ImageUsers(layers: await image.layers()).resolve(text)
        guard user.uid == 0 else { return user }
        warnings.append("the image asks to run as root; the job ran as \(fallback.uid):\(fallback.gid)")
        return fallback
    }

    // MARK: Folders and files

    private func makeFolders(_ folder: JobFolder, _ user: ImageUsers.Identity) throws {
        try FileTree.makeFolder(folder.root, permissions: 0o750)
        // What an attempt before a crash left here never ran.
        try FileTree.remove(folder.inputs)
        for path in [folder.inputs, folder.outputs, folder.logs, folder.scratch] {
            try FileTree.makeFolder(path, permissions: 0o755)
        }
        for path in [folder.outputs, folder.logs] { try own(path, user.uid, user.gid) }
    }

    private func writeFiles(_ job: JobRecord, _ folder: JobFolder, _ user: ImageUsers.Identity) throws {
        let document = JobConfigurationFile(job, notifyURL: Self.notifyURL(job.id))
        try write(
            JSONText.bytes(document, pretty: true), to: folder.configuration, [.ownerReadWrite, .groupRead])
        try own(folder.configuration, geteuid(), user.gid)
        try writeOwned(token.text, to: folder.token, user)
    }

    /// A file that only the job's user reads.
    private func writeOwned(_ text: String, to path: FilePath, _ user: ImageUsers.Identity) throws {
        try FileTree.remove(path)
        try write(Array(text.utf8), to: path, [.ownerRead])
        try own(path, user.uid, user.gid)
    }

    /// Not synced: a crash before the container runs makes the job be prepared again.
    private func write(_ bytes: [UInt8], to path: FilePath, _ permissions: FilePermissions) throws {
        let file = try FileDescriptor.open(
            path, .writeOnly, options: [.create, .exclusiveCreate, .closeOnExec, .noFollow], permissions: permissions)
        _ = try file.closeAfter { try file.writeAll(bytes) }
    }

    private func own(_ path: FilePath, _ uid: UInt32, _ gid: UInt32) throws {
        guard geteuid() == 0 else { return }
        guard lchown(path.string, uid, gid) == 0 else { throw Errno(rawValue: errno) }
    }

    // MARK: Inputs

    /// Gives every input a place in the inputs folder, and returns what to mount there.
    private func placeInputs(
        _ job: JobRecord, _ folder: JobFolder, _ user: ImageUsers.Identity
    ) async throws -> [SandboxSpec.Mount] {
        var mounts: [SandboxSpec.Mount] = []
        for input in job.inputs {
            let place = folder.inputs.appending(input.name)
            if let digest = input.file {
                try await configuration.content.withFile(digest) { try Self.linkOrCopy($0, to: place, user) }
            } else if let path = input.path {
                if let mount = try placeFile(path, input, at: place, user) { mounts.append(mount) }
            }
        }
        return mounts
    }

    private func placeFile(
        _ path: String, _ input: JobInput, at place: FilePath, _ user: ImageUsers.Identity
    ) throws -> SandboxSpec.Mount? {
        guard let resolved = realpath(path, nil) else { throw Self.gone(path) }
        defer { free(resolved) }
        let source = FilePath(String(cString: resolved))
        guard let identity = FileIdentity(path: source) else { throw Self.gone(path) }
        guard identity == input.identity else {
            throw RucheError(
                .invalidInput, "the input \(path) changed since the job was accepted", details: ["path": path])
        }
        guard Self.isReadable(source, by: user) else {
            // A mount keeps the owner's permissions: the job gets a copy that is its own to read.
            try Self.copy(source, to: place, user)
            return nil
        }
        try write([], to: place, [.ownerRead, .groupRead, .otherRead])
        let destination = package.contract.inputs + "/" + input.name
        return SandboxSpec.Mount(source: source, destination: destination, readOnly: true)
    }

    private static func gone(_ path: String) -> RucheError {
        RucheError(.invalidInput, "the input \(path) is gone since the job was accepted", details: ["path": path])
    }

    private static func isReadable(_ path: FilePath, by user: ImageUsers.Identity) -> Bool {
        var status = stat()
        guard stat(path.string, &status) == 0 else { return false }
        if status.st_uid == user.uid { return status.st_mode & 0o400 != 0 }
        if status.st_gid == user.gid { return status.st_mode & 0o040 != 0 }
        return status.st_mode & 0o004 != 0
    }

    private static func linkOrCopy(_ source: FilePath, to target: FilePath, _ user: ImageUsers.Identity) throws {
        if isReadable(source, by: user), link(source.string, target.string) == 0 { return }
        try copy(source, to: target, user)
    }

    private static func copy(_ source: FilePath, to target: FilePath, _ user: ImageUsers.Identity) throws {
        let input = try FileDescriptor.open(source, .readOnly, options: [.closeOnExec])
        defer { try? input.close() }  // it was only read
        let output = try FileDescriptor.open(
            target, .writeOnly, options: [.create, .exclusiveCreate, .closeOnExec, .noFollow],
            permissions: [.ownerReadWrite, .groupRead])
        try output.closeAfter {
            var buffer = [UInt8](repeating: 0, count: 1 << 20)
            while true {
                let count = try buffer.withUnsafeMutableBytes { try input.read(into: $0) }
                if count == 0 { break }
                try output.writeAll(buffer[..<count])
            }
            if geteuid() == 0, fchown(output.rawValue, 0, user.gid) != 0 { throw Errno(rawValue: errno) }
        }
    }

    // MARK: The container

    /// Where the container posts: over the socket, so the host name says nothing.
    static func notifyURL(_ id: Identifier) -> String { "http://localhost/api/v1/jobs/\(id)/notify" }

    private func sandbox(
        _ job: JobRecord, _ folder: JobFolder, _ user: ImageUsers.Identity, inputs: [SandboxSpec.Mount]
    ) throws -> SandboxSpec {
        let contract = package.contract
        // The engine sets the root.
        var sandbox = SandboxSpec(root: folder.scratch, arguments: package.command)
        sandbox.environment = environment(job, home: user.home)
        let workdir = package.image.config?.WorkingDir ?? ""
        sandbox.workingDirectory = workdir.hasPrefix("/") ? workdir : "/"
        sandbox.uid = user.uid
        sandbox.gid = user.gid
        sandbox.additionalGroups = user.groups
        sandbox.hostname = "job"
        sandbox.network = contract.network
        sandbox.limits = job.limits
        // The service ends the job in time, gently; the engine's own clock is for when there is no service.
        if let time = job.limits.time {
            sandbox.limits.time = time + Int(configuration.grace.seconds.rounded(.up)) + 5
        }
        sandbox.mounts = [.init(source: folder.inputs, destination: contract.inputs, readOnly: true)] + inputs
        sandbox.mounts += [
            .init(source: folder.outputs, destination: contract.outputs, readOnly: false),
            .init(source: folder.logs, destination: contract.logs, readOnly: false),
        ]
        sandbox.mounts += databaseMounts(job)
        if let notify = configuration.notifyFolder {
            // The folder, not the socket: the socket is made again when the server starts again.
            sandbox.mounts.append(.init(source: notify, destination: "/run/ruche", readOnly: true))
        }
        sandbox.mounts.append(.init(source: folder.token, destination: "/run/ruche/token", readOnly: true))
        return sandbox
    }

    /// Where the container looks for programs.
    var searchPath: String { imageEnvironment["PATH"] ?? "" }

    /// What the image and the recipe set.
    private var imageEnvironment: [String: String] {
        var environment = ["PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"]
        for entry in package.image.config?.Env ?? [] {
            let parts = entry.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            if parts.count == 2 { environment[parts[0]] = parts[1] }
        }
        return environment.merging(package.environment) { $1 }
    }

    private func environment(_ job: JobRecord, home: String?) -> [String: String] {
        var environment = ["HOME": home ?? "/"].merging(imageEnvironment) { $1 }
        let url = Self.notifyURL(job.id)
        environment["NOTIFY_URL"] = url
        environment["PIRUS_NOTIFY_URL"] = url
        environment["PIRUS_CONFIG_FILE"] = package.contract.inputs + "/" + FileName.reserved
        environment["RUCHE_JOB"] = job.id.description
        environment["RUCHE_TOKEN_FILE"] = "/run/ruche/token"
        if configuration.notifyFolder != nil { environment["RUCHE_NOTIFY_SOCKET"] = "/run/ruche/notify.sock" }
        return environment
    }
}
