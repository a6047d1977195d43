import RucheHost
package import SystemPackage

/// A file made for one download. It goes with its folder when the last holder lets go of it.
package final class ExportedFile: Sendable {
    private let folder: FilePath
    /// The name to save it under.
    package let name: String

    init(folder: FilePath, name: String) {
        self.folder = folder
        self.name = name
    }

    deinit { remove() }

    package var path: FilePath { folder.appending(name) }

    /// What can't be removed now goes at the next start.
    package func remove() { try? FileTree.remove(folder) }
}
