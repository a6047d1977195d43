import RucheCore
import RucheStore

/// Whether an owner may keep more, asked inside the transaction that adds it.
struct QuotaCheck {
    let connection: any SQLConnection

    /// Throws `quota_exceeded` when `bytes` more are too many.
    func require(_ bytes: Int64, for owner: String) throws {
        guard let (limit, used) = try use(of: owner), bytes > max(0, limit - used) else { return }
        throw Self.exceeded(owner, limit: limit, used: used, needed: bytes)
    }

    /// The same for blobs, of which those count that no environment of the owner has yet.
    func require(_ blobs: [(digest: String, size: Int64)], for owner: String) throws {
        guard try QuotaRepository(connection).limit(of: owner) != nil else { return }
        let space = SpaceRepository(connection)
        var bytes: Int64 = 0
        for blob in blobs where try !space.has(blob.digest, owner: owner) { bytes += blob.size }
        if bytes > 0 { try require(bytes, for: owner) }
    }

    /// What an owner may keep and what it does; nil without limit.
    func use(of owner: String) throws -> (limit: Int64, used: Int64)? {
        let quotas = QuotaRepository(connection)
        guard let limit = try quotas.limit(of: owner) else { return nil }
        let used = try quotas.files(of: owner).bytes + quotas.uploads(of: owner).bytes
        return (limit, used + (try SpaceRepository(connection).bytes(of: owner)))
    }

    static func exceeded(_ owner: String, limit: Int64, used: Int64, needed bytes: Int64) -> RucheError {
        RucheError(
            .quotaExceeded,
            "\(owner) keeps \(ByteCount(used)) of \(ByteCount(limit)) and \(ByteCount(bytes)) more are too many: "
                + "remove files or releases, or ask the administrator for more",
            details: ["owner": owner, "quota": "\(limit)", "used": "\(used)", "needed": "\(bytes)"])
    }
}
