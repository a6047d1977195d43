import Hummingbird
import RucheCore
import RucheHost
package import RucheService
import SystemPackage

/// Builds of recipes that are sent as a tar.
package struct BuildRoutes: Sendable {
    private let builds: BuildService
    private let catalogue: CatalogueService
    /// Bytes of the tar of a recipe folder.
    private let contextLimit: Int64

    package init(_ builds: BuildService, _ catalogue: CatalogueService, contextLimit: Int64 = 4 << 30) {
        self.builds = builds
        self.catalogue = catalogue
        self.contextLimit = contextLimit
    }

    package var routes: [Route] {
        [
            Route(
                .post, "/api/v1/builds", access: .right(.publish),
                RouteDocumentation(
                    """
                    Builds the recipe in the body, a tar of its folder. A lock to reproduce goes with it as \
                    \(BuildService.lockFile). With `explain`, answers 200 with the planned steps and builds nothing.
                    """,
                    query: [
                        "recipe": "The recipe's path in the tar; ruche.yaml by default.",
                        "no_cache": "Build every step again.", "refresh": "Resolve the base again.",
                        "explain": "Only tell what a build would do.",
                    ], request: "bytes", response: "OperationDocument", status: 202), handler: build)
        ]
    }

    private func build(_ request: Request, _ context: AppRequestContext) async throws -> Response {
        var options = BuildOptions(recipeFile: request.query("recipe") ?? "ruche.yaml")
        options.noCache = try request.flag("no_cache")
        options.refresh = try request.flag("refresh")
        let explain = try request.flag("explain")
        let folder = try catalogue.makeTemporaryFolder()
        do {
            let tar = folder.appending("context.tar")
            try await request.save(to: tar, limit: contextLimit)
            let prepared = try await builds.prepare(tar: tar, in: folder, options)
            try await builds.check(prepared, for: context.caller)
            guard explain else { return try .accepted(try await builds.start(prepared)) }
            let steps = try await builds.explain(prepared)
            try FileTree.remove(folder)
            return try .json(steps)
        } catch {
            try? FileTree.remove(folder)  // what is left goes at the next start
            throw error
        }
    }
}
