package import RucheCore
import RucheImages
package import RucheStore

/// Keeps what comes into environments within the quotas of their owners.
package struct QuotaGuard: Sendable {
    private let database: any SQLDatabase

    package init(_ database: any SQLDatabase) { self.database = database }

    /// Throws `quota_exceeded` when an owner may not keep so many bytes more.
    package func require(_ bytes: Int64, for owner: OwnerName) async throws {
        try await database.read { try QuotaCheck(connection: $0).require(bytes, for: owner.description) }
    }

    /// The same for blobs that an environment is to have.
    func require(_ blobs: [Descriptor], for owner: OwnerName) async throws {
        let sizes = CatalogueIndex.blobs(blobs)
        try await database.read { try QuotaCheck(connection: $0).require(sizes, for: owner.description) }
    }

    /// Hands bytes of an upload that has `size` of them on, until they alone are more than its owner may keep. Whether
    /// they fit beside the rest is known at its end: the owner may have them already.
    func bounded(
        _ send: @escaping (UnsafeRawBufferPointer) throws -> Void, for owner: OwnerName, from size: Int64
    ) async throws -> (UnsafeRawBufferPointer) throws -> Void {
        guard let (limit, used) = try await database.read({ try QuotaCheck(connection: $0).use(of: owner.description) })
        else { return send }
        var received = size
        return { bytes in
            received += Int64(bytes.count)
            guard received <= limit else {
                throw QuotaCheck.exceeded(owner.description, limit: limit, used: used, needed: received)
            }
            try send(bytes)
        }
    }
}
