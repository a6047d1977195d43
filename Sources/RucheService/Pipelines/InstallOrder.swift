import Foundation
package import RucheCore
import RucheHost
import SystemPackage

/// An installation as it is kept beside its package, so that another process can do it.
package struct InstallOrder: Codable, Sendable {
    static let packageFile = "package"
    private static let file = "order.json"

    /// The name of the file, as its author knows it.
    package var title: String
    /// The owner of a pipeline whose name has none.
    package var owner: OwnerName
    /// Whether whoever asked may publish for other owners, too.
    package var mayNameOwners: Bool
    /// A release of the catalogue that is to be a pipeline; then there is no package.
    package var release: String?

    package init(title: String, owner: OwnerName, mayNameOwners: Bool) {
        self.title = title
        self.owner = owner
        self.mayNameOwners = mayNameOwners
    }

    func write(to folder: FilePath) throws {
        try AtomicFile.write(try JSONText.bytes(self), to: folder.appending(Self.file))
    }

    static func read(from folder: FilePath) throws -> InstallOrder {
        do {
            return try JSONText.decode(InstallOrder.self, try AtomicFile.read(folder.appending(file), limit: 1 << 16))
        } catch let error as DecodingError {
            throw RucheError(.corruptContent, "the order of the installation is damaged: install again", cause: error)
        }
    }
}
