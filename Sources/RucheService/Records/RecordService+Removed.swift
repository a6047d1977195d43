package import RucheCore
import RucheImages
import RucheStore

/// What is said of public releases that were removed.
extension RecordService {
    /// The error for an ARK of what was removed; nil for what never was here, or what the caller may not know of.
    package func removal(_ ark: ARK, for caller: Caller) async throws -> RucheError? {
        let row = try await database.read { try RemovedReleaseRepository($0).row(stem: ark.stem) }
        return try await removal(row, for: caller)
    }

    /// The error for a version that was removed; nil for other references.
    package func removal(_ reference: ReleaseReference, for caller: Caller) async throws -> RucheError? {
        guard let version = reference.selector.flatMap({ ReleaseVersion($0) }) else { return nil }
        let row = try await database.read {
            try RemovedReleaseRepository($0).row(name: reference.name.description, version: version.description)
        }
        return try await removal(row, for: caller)
    }

    private func removal(_ row: RemovedReleaseRow?, for caller: Caller) async throws -> RucheError? {
        guard let row, let name = EnvironmentName(row.name) else { return nil }
        // It was public. Where the environment is private since, it is so for this too.
        if try await environments.store.environment(name) != nil,
            try await !environments.catalogue.visibility.allows(caller, toSee: name)
        {
            return nil
        }
        let ark = ARK(naan: configuration.naan, stem: row.stem)
        let summary = row.summary.map { " (\($0))" } ?? ""
        return RucheError(
            .gone,
            """
            \(ark) was \(row.name) \(row.version)\(summary), with the digest \(row.digest), published on \
            \(Self.day(row.publishedAt)). It was removed on \(Self.day(row.removedAt)): its files are given to nobody any \
            more, and nothing else gets its identifier.
            """,
            details: ["ark": ark.description, "digest": row.digest])
    }

    private static func day(_ milliseconds: Int64) -> Substring { Timestamp.text(milliseconds).prefix(10) }
}
