import RucheCore

/// Work on the whole of a data directory, each as an operation.
package struct MaintenanceService: Sendable {
    package enum Kind: String, CaseIterable, Sendable {
        case gc, verify, scrub, rebuild
    }

    private let collect: @Sendable (_ dryRun: Bool) async throws -> CollectionReport
    private let verify: @Sendable () async throws -> VerificationReport
    private let scrub: @Sendable (ScrubOptions, OperationContext) async throws -> ScrubReport
    private let restoreJobs: @Sendable () async throws -> JobRestoration
    private let index: CatalogueIndex
    private let operations: any OperationRunning

    package init(
        index: CatalogueIndex, operations: any OperationRunning,
        collect: @escaping @Sendable (_ dryRun: Bool) async throws -> CollectionReport,
        verify: @escaping @Sendable () async throws -> VerificationReport,
        scrub: @escaping @Sendable (ScrubOptions, OperationContext) async throws -> ScrubReport,
        restoreJobs: @escaping @Sendable () async throws -> JobRestoration
    ) {
        self.index = index
        self.operations = operations
        self.collect = collect
        self.verify = verify
        self.scrub = scrub
        self.restoreJobs = restoreJobs
    }

    /// Starts the work; its report is the result of the operation. `dryRun` is only for `gc`.
    package func start(
        _ kind: Kind, dryRun: Bool, scrub options: ScrubOptions = ScrubOptions()
    ) async throws -> OperationRecord {
        if dryRun, kind != .gc {
            throw RucheError(.invalidInput, "a dry run is only possible for gc: \(kind.rawValue) removes nothing")
        }
        return try await operations.start(kind: kind.rawValue, title: Self.title(kind, dryRun)) { context in
            switch kind {
            case .gc: try JSONValue(encoding: try await collect(dryRun))
            case .verify: try JSONValue(encoding: try await verify())
            case .scrub: try JSONValue(encoding: try await scrub(options, context))
            case .rebuild: try JSONValue(encoding: try await rebuild())
            }
        }
    }

    private func rebuild() async throws -> RebuildReport {
        var report = try await index.rebuild()
        let jobs = try await restoreJobs()
        report.jobs = jobs.jobs
        report.problems += jobs.problems
        return report
    }

    private static func title(_ kind: Kind, _ dryRun: Bool) -> String {
        switch kind {
        case .gc: dryRun ? "look for what nothing refers to" : "remove what nothing refers to"
        case .verify: "verify every blob"
        case .scrub: "look for damage in every blob"
        case .rebuild: "make the index of releases and jobs again"
        }
    }
}
