import RucheCore
import RucheStore

/// Whether an owner may keep more, asked inside the transaction that adds it.
struct QuotaCheck {
    let connection: any SQLConnection

    /// Throws `quota_exceeded` when `bytes` more are too many.
    func require(_ bytes: Int64, for owner: String) throws {
        let quotas = QuotaRepository(connection)
        guard let limit = try quotas.limit(of: owner) else { return }
        let used = try quotas.files(of: owner).bytes + quotas.uploads(of: owner).bytes
        guard bytes > max(0, limit - used) else { return }
        throw RucheError(
            .quotaExceeded,
            "\(owner) keeps \(ByteCount(used)) of \(ByteCount(limit)) and \(ByteCount(bytes)) more are too many: "
                + "remove files, or ask the administrator for more",
            details: ["owner": owner, "quota": "\(limit)", "used": "\(used)", "needed": "\(bytes)"])
    }
}
