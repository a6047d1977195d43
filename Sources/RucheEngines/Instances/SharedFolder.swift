import Glibc
import RucheCore
import RucheHost
import SystemPackage

/// A folder of this machine for one guest, served by virtiofsd: Debian's small kernel for clouds has no other way.
///
/// The program acts as the folder's owner, in a user namespace that has nobody else: what a guest's root makes there is
/// the owner's. It takes one connection and ends with the machine.
struct SharedFolder: Sendable {
    let spec: InstanceSpec
    let index: Int
    /// Where the machine finds it.
    let socket: FilePath

    /// Those of an instance, with their sockets in `folder`.
    static func all(_ spec: InstanceSpec, in folder: FilePath, prefix: String = "") -> [SharedFolder] {
        spec.shares.indices.map { index in
            SharedFolder(spec: spec, index: index, socket: folder.appending("\(prefix)share\(index).sock"))
        }
    }

    /// Throws where folders can't be shared with machines.
    static func require() throws {
        try Tool.require(.virtiofsd)
        guard Privileges.isRoot else {
            throw RucheError(.notPermitted, "folders can be shared with machines only by a server that runs as root")
        }
    }

    /// By which the guest finds it.
    var tag: String { "share\(index)" }

    private var process: DetachedProcess {
        DetachedProcess(folder: spec.folder, name: tag, mark: Tool.virtiofsd.name)
    }

    /// Returns when it waits for the machine. Nobody but `user`, or this process's own, can connect to it.
    func start(_ runner: any CommandRunning, user: uid_t? = nil) async throws {
        try await end()  // of a start that failed
        let source = spec.shares[index].source
        var status = stat()
        guard stat(source, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
            throw RucheError(.invalidInput, "the shared folder \(source) is not there any more")
        }
        let listener = try LocalListener.open(socket.lastComponent?.string ?? "", in: socket.removingLastComponent())
        defer { close(listener) }
        if let user, lchown(socket.string, user, gid_t.max) != 0 { throw Errno(rawValue: errno) }
        let program = [
            Tool.virtiofsd.name, "--fd=3", "-o", "source=\(source)", "-o", "sandbox=namespace", "-f",
        ]
        try await process.start(
            Self.owner(status.st_uid, status.st_gid) + program, descriptors: [3: listener], runner: runner)
    }

    /// Ends it, where it did not end with the machine.
    func end() async throws {
        try await process.kill()
        try process.forget()
        try FileTree.remove(socket)
    }

    /// Ends all of them, also when one can't be, and throws then.
    static func end(_ shares: [SharedFolder]) async throws {
        var failure: (any Error)?
        for share in shares {
            do { try await share.end() } catch { failure = failure ?? error }
        }
        if let failure { throw failure }
    }

    /// Why a machine with these folders did not start: what the program of one said that never waited for it, else
    /// `error`.
    static func reason(_ shares: [SharedFolder], _ error: any Error) -> any Error {
        for share in shares where share.process.identity == nil {
            let complaint = share.process.complaint
            guard !complaint.isEmpty, !complaint.contains("Waiting for vhost-user") else { continue }
            return RucheError(
                .invalidInput,
                "the folder \(share.spec.shares[share.index].source) can't be shared: \(complaint.suffix(500))"
            )
        }
        return error
    }

    private static func owner(_ user: uid_t, _ group: gid_t) -> [String] {
        guard user != 0 else { return [] }
        return [
            "setpriv", "--reuid", "\(user)", "--regid", "\(group)", "--clear-groups", "unshare", "--user",
            "--map-root-user",
        ]
    }
}
