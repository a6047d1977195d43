import NIOHTTP1
import RucheCore
package import RucheWire

/// How to build what was sent.
package struct BuildOptions: Hashable, Sendable {
    /// The recipe's path in the archive.
    package var recipe: String
    package var noCache = false
    package var refresh = false

    package init(recipe: String) { self.recipe = recipe }

    var query: [(String, String?)] {
        [("recipe", recipe), ("no_cache", noCache ? "true" : nil), ("refresh", refresh ? "true" : nil)]
    }
}

/// One step of a plan: the answer to `explain`, and the data of `build.planned`.
package struct PlannedStepDocument: Codable, Hashable, Sendable {
    package var index: Int
    package var kind: String
    package var title: String
    package var reused: Bool
    package var reason: String

    package init(index: Int, kind: String, title: String, reused: Bool, reason: String) {
        self.index = index
        self.kind = kind
        self.title = title
        self.reused = reused
        self.reason = reason
    }
}

extension APIClient {
    /// Starts a build of the recipe folder in `archive` (a tar).
    package func build(_ archive: Upload, _ options: BuildOptions) async throws -> OperationDocument {
        try await document(
            APIRequest(.POST, "/api/v1/builds", query: options.query, body: .stream(archive, type: Self.tar)),
            as: OperationDocument.self)
    }

    /// What a build would do. Nothing is started.
    package func explainBuild(_ archive: Upload, _ options: BuildOptions) async throws -> [PlannedStepDocument] {
        try await document(
            APIRequest(
                .POST, "/api/v1/builds", query: options.query + [("explain", "true")],
                body: .stream(archive, type: Self.tar)),
            as: [PlannedStepDocument].self)
    }

    static let tar = "application/x-tar"
}
