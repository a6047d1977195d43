import Foundation
import RucheClient
import RucheCore
import RucheHost
import RucheWire
import SystemPackage

/// A release that is built to be used and is then removed: its blobs go with the next collection.
enum TemporaryRelease {
    /// The owner of such releases, so that one that a killed command left is known for what it is.
    static let owner = "workbench"

    /// A version that no other has.
    static func version() -> String {
        "0.0.\(Int64(Date().timeIntervalSince1970 * 1000)).\(UInt16.random(in: .min ... .max))"
    }

    /// Builds the recipe in `folder`, with every file beside it, and runs `body` with the release.
    static func with<Result: Sendable>(
        _ folder: FilePath, _ client: APIClient, _ context: CommandContext,
        _ body: (ReleaseReference) async throws -> Result
    ) async throws -> Result {
        let release = try await build(folder, client, context)
        do {
            let result = try await body(release)
            try await client.removeRelease(release)
            return result
        } catch {
            // In a task of its own: also a cancelled command removes it. The body's error is the one to report.
            await Task { try? await client.removeRelease(release) }.value
            throw error
        }
    }

    /// Builds the recipe in `folder`, with every file beside it, into the catalogue.
    static func build(
        _ folder: FilePath, _ client: APIClient, _ context: CommandContext
    ) async throws -> ReleaseReference {
        var archive = RecipeArchive(folder: folder)
        try archive.add(".")
        let packed = archive
        return try await TemporaryDirectory.with(in: context.environment.temporaryFolder, prefix: "ruche") { work in
            let file = work.appending("recipe.tar")
            try packed.write(to: file, lock: nil)
            let view = BuildView(context)
            // Whoever reads JSON gets the document of the command, not the events of this build.
            let tells = context.output.format == .text
            let operation = try await client.build(try Upload(file: file), BuildOptions(recipe: RecipeFolder.fileName))
            context.interrupts.onFirst { await OperationEnd.cancel(operation.id, client, context.output) }
            let ended = try await view.show { try await client.finish(operation) { if tells { try view.apply($0) } } }
            if ended.failure != nil, ended.failure?.code != .cancelled { await view.showFailure(of: ended, client) }
            let result = try OperationEnd.result(of: ended, as: BuildResultDocument.self)
            return try ReleaseReference(parsing: result.release)
        }
    }
}
