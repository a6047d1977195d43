import ArgumentParser
import RucheClient
import RucheCore
import RucheWire

/// What a person names in the catalogue: `owner/name[:version]`, or the persistent identifier of it.
enum CatalogueTarget: Sendable, Hashable, CustomStringConvertible {
    case reference(ReleaseReference)
    /// `site` is where it was read, when it was given as an address.
    case identifier(ARK, site: String?)

    var description: String {
        switch self {
        case .reference(let reference): reference.description
        case .identifier(let ark, _): ark.description
        }
    }

    /// The release; of the identifier of an environment its newest one. Asks the server what an identifier names.
    func release(_ client: APIClient) async throws -> ReleaseReference {
        switch self {
        case .reference(let reference): return reference
        case .identifier(let ark, _):
            let named = try await client.identifier(ark)
            return ReleaseReference(name: named.name, selector: named.version?.description)
        }
    }

    /// The address of the site where an identifier was read; nil when it was given without.
    var site: String? {
        if case .identifier(_, let site) = self { site } else { nil }
    }

    /// The environment, also where the identifier is of one of its releases.
    func environment(_ client: APIClient) async throws -> EnvironmentName { try await release(client).name }
}

extension Arguments {
    @Sendable static func target(_ text: String) throws -> CatalogueTarget {
        guard ARK.isMeant(text) else { return .reference(try release(text)) }
        let site = text.firstRange(of: "/ark:").map { String(text[..<$0.lowerBound]) }
        do { return .identifier(try ARK(parsing: text), site: site) } catch let error as RucheError {
            throw ValidationError(error.message)
        }
    }

    @Sendable static func environmentTarget(_ text: String) throws -> CatalogueTarget {
        if ARK.isMeant(text) { return try target(text) }
        return .reference(ReleaseReference(name: try environment(text)))
    }
}
