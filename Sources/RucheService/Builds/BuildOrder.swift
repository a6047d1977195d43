import Foundation
import RucheBuild
import RucheCore
import RucheHost
import SystemPackage

/// A build as it is kept beside its recipe's folder, so that another process can do it.
struct BuildOrder: Codable {
    var recipeFile: String
    var noCache: Bool
    var refresh: Bool
    var lock: BuildLock?
    /// What the recipe's folder holds: one that lost bytes with the machine's power must not be built.
    var content: Digest

    private static let file = "order.json"
    private static let limit = 64 << 20

    init(_ request: BuildRequest) throws {
        recipeFile = request.recipeFile
        noCache = request.noCache
        refresh = request.refresh
        lock = request.lock
        content = try request.folderDigest()
    }

    /// The recipe's folder in the folder of a build's inputs.
    static func context(in folder: FilePath) -> FilePath { folder.appending("context") }

    func write(to folder: FilePath) throws {
        try AtomicFile.write(try JSONText.bytes(self), to: folder.appending(Self.file))
    }

    /// Throws `corrupt_content` when the order or the recipe's folder is not what it was.
    static func read(from folder: FilePath) throws -> BuildOrder {
        do {
            return try JSONText.decode(
                BuildOrder.self, try AtomicFile.read(folder.appending(file), limit: limit))
        } catch let error as DecodingError {
            throw RucheError(.corruptContent, "the order of the build is damaged: build again", cause: error)
        }
    }

    func request(_ recipe: Recipe, in folder: FilePath) throws -> BuildRequest {
        var request = BuildRequest(recipe: recipe, folder: Self.context(in: folder), recipeFile: recipeFile)
        guard try request.folderDigest() == content else {
            throw RucheError(.corruptContent, "the recipe's folder was damaged when the machine stopped: build again")
        }
        request.noCache = noCache
        request.refresh = refresh
        request.lock = lock
        return request
    }
}
