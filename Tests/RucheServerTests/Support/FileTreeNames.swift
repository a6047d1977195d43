import RucheHost
import SystemPackage

/// Names of what is in a folder.
enum FileTreeNames {
    static func of(_ folder: FilePath) throws -> [String] { try FileTree.names(in: folder) }
}
