import NIOHTTP1
package import RucheCore
package import RucheWire

extension APIClient {
    package func files(of reference: ReleaseReference) async throws -> [ReleaseFileDocument] {
        try await document(APIRequest(.GET, Self.path(reference) + "/files"), as: [ReleaseFileDocument].self)
    }

    package func software(of reference: ReleaseReference) async throws -> [SoftwarePackage] {
        try await document(APIRequest(.GET, Self.path(reference) + "/software"), as: [SoftwarePackage].self)
    }

    /// Of every owner, of the environments of one, or of the releases of an environment.
    package func space(of thing: String?) async throws -> SpaceDocument {
        let path =
            switch thing {
            case nil: "/space"
            case let thing? where thing.contains("/"): "/environments/\(try Self.name(thing))/space"
            case let thing?: "/owners/\(PercentEncoding.encode(thing))/space"
            }
        return try await document(APIRequest(.GET, "/api/v1\(path)"), as: SpaceDocument.self)
    }

    private static func name(_ text: String) throws -> EnvironmentName {
        guard let name = EnvironmentName(text) else {
            throw RucheError(.invalidReference, "\"\(text.prefix(160))\" is no environment: write owner/name")
        }
        return name
    }

    package func drafts(of name: EnvironmentName) async throws -> [DraftDocument] {
        try await document(APIRequest(.GET, Self.environment(name) + "/drafts"), as: [DraftDocument].self)
    }

    package func releaseDraft(_ reference: ReleaseReference) async throws -> ReleaseDocument {
        let version = PercentEncoding.encode(reference.selector ?? "")
        return try await document(
            APIRequest(.POST, Self.environment(reference.name) + "/drafts/\(version)/release"),
            as: ReleaseDocument.self)
    }

    /// A page of what was found. `options` are query parameters of `GET /api/v1/catalogue/search`.
    package func search(
        _ text: String?, filters: [SearchFacet: [String]], options: [(String, String?)]
    ) async throws -> SearchDocument {
        let values = SearchFacet.allCases.flatMap { facet in
            (filters[facet] ?? []).map { (facet.rawValue, String?.some($0)) }
        }
        return try await document(
            APIRequest(.GET, "/api/v1/catalogue/search", query: [("q", text)] + values + options),
            as: SearchDocument.self)
    }
}
