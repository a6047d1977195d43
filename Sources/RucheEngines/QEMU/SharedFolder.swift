import Glibc
import RucheCore
import RucheHost
import SystemPackage

/// A folder of this machine for one guest, served by virtiofsd: Debian's small kernel for clouds has no other way.
///
/// The program acts as the folder's owner, in a user namespace that has nobody else: what a guest's root makes there is
/// the owner's. It ends with the machine.
struct SharedFolder: Sendable {
    let spec: InstanceSpec
    let index: Int

    static func socket(_ index: Int) -> String { "share\(index).sock" }
    static func tag(_ index: Int) -> String { "share\(index)" }

    var process: DetachedProcess {
        DetachedProcess(folder: spec.folder, name: Self.tag(index), mark: Tool.virtiofsd.name)
    }

    func start(_ runner: any CommandRunning) async throws {
        try await process.kill()  // of a start that failed
        let source = spec.shares[index].source
        var status = stat()
        guard stat(source, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
            throw RucheError(.invalidInput, "the shared folder \(source) is not there any more")
        }
        let listener = try listening()
        defer { close(listener) }
        let program = [
            Tool.virtiofsd.name, "--fd=3", "-o", "source=\(source)", "-o", "sandbox=namespace", "-f",
        ]
        try await process.start(
            Self.owner(status.st_uid, status.st_gid) + program, descriptors: [3: listener], runner: runner)
    }

    private static func owner(_ user: uid_t, _ group: gid_t) -> [String] {
        guard user != 0 else { return [] }
        return [
            "setpriv", "--reuid", "\(user)", "--regid", "\(group)", "--clear-groups", "unshare", "--user",
            "--map-root-user",
        ]
    }

    /// A socket that waits for the machine.
    private func listening() throws -> Int32 {
        let path = spec.folder.appending(Self.socket(index))
        try FileTree.remove(path)
        return try LocalListener.open(Self.socket(index), in: spec.folder)
    }
}
