import RucheClient
import RucheCore
import RucheWire

/// Finds an instance by what a person calls it.
enum InstanceTarget {
    /// By identifier, by name, or by `owner/name`. Throws `not_found`, and `conflict` for a name that several have.
    static func find(_ text: String, _ client: APIClient) async throws -> InstanceDocument {
        if let id = Identifier(text) { return try await client.instance(id) }
        let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard parts.count <= 2, let name = parts.last, !name.isEmpty else { throw missing(text) }
        let found = try await client.instances(name: name, owner: parts.count == 2 ? parts[0] : nil)
        guard let first = found.first else { throw missing(text) }
        guard found.count == 1 else {
            let names = found.map { "\($0.owner)/\($0.name)" }.joined(separator: ", ")
            throw RucheError(.conflict, "several instances are called \(text): write one of \(names)")
        }
        return first
    }

    private static func missing(_ text: String) -> RucheError {
        RucheError(
            .notFound, "there is no instance \"\(text)\": \"ruche instance list\" shows those there are",
            details: ["instance": text])
    }
}
