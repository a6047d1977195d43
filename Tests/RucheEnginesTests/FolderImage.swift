import RucheCore
import RucheEngines
import RucheHost
import SystemPackage

/// An image of one folder. Its digest is made up of the folder's path: no two tests share one.
struct FolderImage: ContainerImage {
    let folder: FilePath
    let digest: Digest

    init(_ folder: FilePath) {
        self.folder = folder
        digest = Digest(bytes: (folder.string.utf8.suffix(32) + Array(repeating: 0, count: 32)).prefix(32))
    }

    func layers() -> [FilePath] { [folder] }

    func writeRootArchive(to path: FilePath) async throws {
        try await SystemCommandRunner().runChecked(
            Command("/bin/tar", ["--numeric-owner", "-cf", path.string, "-C", folder.string, "."]))
    }
}
