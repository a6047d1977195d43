import Foundation
package import Logging
package import RucheCore
package import RucheHost
import RucheImages
package import RucheStore

/// Registers DOIs of releases that somebody asked one for, and keeps what the agency has up to date.
///
/// What is wanted is in the database before anybody is asked, and what came of it afterwards. A step that a crash cut
/// off is done again: the agency is asked first what it has of the DOI, which never changes.
package struct DOIService: Sendable {
    package enum State: String, CaseIterable, Sendable {
        /// Reserved: known to the agency alone.
        case draft
        case findable
        /// Still resolves, and is found by nobody: the release was revoked.
        case registered
    }

    let records: RecordService
    let events: DatabaseEventLog
    let logger: Logger
    let agency: DOIAgency?
    /// The agency's attributes of a record, without its DOI.
    let describe: @Sendable (CatalogueRecord) -> JSONValue
    let schedule: RetrySchedule
    let now: @Sendable () -> Int64
    /// How long until something registered is compared again with its record.
    private static let pause: Int64 = 300_000
    private var database: any SQLDatabase { records.database }

    package init(
        records: RecordService, events: DatabaseEventLog, configuration: DOIConfiguration?,
        client: RegistrationClient = RegistrationClient(),
        schedule: RetrySchedule = RetrySchedule(longest: .seconds(3600)), logger: Logger,
        now: @escaping @Sendable () -> Int64 = SystemTime.milliseconds,
        describe: @escaping @Sendable (CatalogueRecord) -> JSONValue
    ) {
        self.records = records
        self.events = events
        self.logger = logger
        self.schedule = schedule
        self.now = now
        self.describe = describe
        agency = configuration.map { DOIAgency(configuration: $0, client: client) }
    }

    /// Nil when nobody asked for one.
    package func doi(of name: EnvironmentName, _ version: ReleaseVersion) async throws -> DOIRow? {
        let (name, version) = (name.description, version.description)
        return try await database.read { connection in
            guard let identifier = try IdentifierRepository(connection).identifier(name: name, version: version) else {
                return nil
            }
            return try DOIRepository(connection).doi(name: name, version: version, stem: identifier.stem)
        }
    }

    /// Asks for a DOI; it is registered in the background. Throws `unsupported` where no agency is configured,
    /// `invalid_state` for a release that is revoked or not public, or for a step back.
    package func request(_ reference: ReleaseReference, _ wanted: State) async throws -> DOIRow {
        guard let agency else {
            throw RucheError(
                .unsupported,
                "no DOIs are registered here: the operator sets doi_url, doi_prefix, doi_account and doi_password_file")
        }
        let record = try await records.record(of: reference)
        guard let version = record.version, wanted != .registered else {
            throw RucheError(.invalidInput, "a DOI is wanted as draft or findable")
        }
        guard !record.isRevoked else { throw RucheError(.invalidState, "\(record.title) is revoked: it gets no DOI") }
        guard try await records.environments.isPublic(record.name) else {
            throw RucheError(.invalidState, "\(record.name) is private: make it public before it gets a DOI")
        }
        let old = try await doi(of: record.name, version)
        guard wanted == .findable || old?.wanted ?? "draft" == "draft" else {
            throw RucheError(.invalidState, "the DOI of \(record.title) is findable, and never becomes a draft again")
        }
        var row = DOIRow(
            doi: "\(agency.configuration.prefix)/\(record.ark.stem)", name: record.name.description,
            version: version.description, wanted: wanted.rawValue, at: now())
        if let old { (row.doi, row.registered, row.sent) = (old.doi, old.registered, old.sent) }
        let wantedRow = row
        try await events.write([event("doi.requested", row)]) { try DOIRepository($0).save(wantedRow) }
        return row
    }

    /// Works until shutdown.
    package func run() async throws {
        guard agency != nil else {
            // Nothing to do, for as long as the others work.
            while !Task.isCancelled { try? await Task.sleep(for: .seconds(86_400)) }
            return
        }
        while !Task.isCancelled {
            do { try await step() } catch {
                if Task.isCancelled { return }
                logger.warning("can't go on with DOIs, trying again", metadata: ["error": "\(error)"])
            }
            try? await Task.sleep(for: .seconds(1))
        }
    }

    /// Does what is due. Never throws for what the agency says: that is in the row.
    package func step() async throws {
        for row in try await database.read({ [time = now()] in try DOIRepository($0).due(at: time, limit: 20) }) {
            try Task.checkCancellation()
            try await advance(row)
        }
    }

    private func advance(_ old: DOIRow) async throws {
        var row = old
        var told: [EventDraft] = []
        // What changes from now on may be missing in what the agency is told.
        row.updatedAt = now()
        do {
            let changed = try await register(&row)
            (row.failures, row.failure) = (0, nil)
            row.nextAttemptAt = now() + Self.pause
            if changed { told = [event("doi.registered", row)] }
        } catch {
            // A shutdown in the midst of it is no fault of the agency: the row stays due.
            try Task.checkCancellation()
            row.failures += 1
            row.failure = (error as? RucheError)?.message ?? "it failed"
            var generator = SystemRandomNumberGenerator()
            let delay = schedule.delay(failures: Int(row.failures), using: &generator)
            row.nextAttemptAt = now() + Int64(delay.seconds * 1000)
            logger.warning(
                "a DOI could not be registered", metadata: ["doi": "\(row.doi)", "reason": "\(row.failure ?? "")"])
        }
        let result = row
        try await events.write(told) { connection in
            // Asked for something else meanwhile: that is due now.
            if let current = try DOIRepository(connection).doi(result.doi),
                current.wanted != old.wanted
            {
                var merged = result
                (merged.wanted, merged.nextAttemptAt) = (current.wanted, current.nextAttemptAt)
                return try DOIRepository(connection).save(merged)
            }
            try DOIRepository(connection).save(result)
        }
    }

    /// Whether anything had to be sent.
    private func register(_ row: inout DOIRow) async throws -> Bool {
        guard let agency, let name = EnvironmentName(row.name) else { return false }
        let record = try? await records.record(of: ReleaseReference(name: name, selector: row.version))
        guard let record, row.isNamed(by: record.ark.stem) else {
            return try await hide(&row, of: name, agency)
        }
        // What is not for everybody any more is not told.
        guard try await records.environments.isPublic(name) else { return false }
        if record.isRevoked, row.wanted == State.findable.rawValue { row.wanted = State.registered.rawValue }
        let attributes = describe(record)
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        let mark = StreamHasher.digest(of: Array(try encoder.encode(attributes))).description
        guard row.sent != mark || row.registered != row.wanted else { return false }
        let known = try await agency.state(row.doi)
        let state = try await agency.put(
            row.doi, attributes: attributes, event: Self.event(from: known, to: row.wanted), isNew: known == nil)
        (row.registered, row.sent) = (state, mark)
        guard state == row.wanted else {
            throw RucheError(
                .networkUnavailable, "the registration agency has \(row.doi) as \(state), not as \(row.wanted)")
        }
        return true
    }

    /// Of a release that was removed: its DOI still leads to where that is said, and is found by nobody. What the agency
    /// has of it stays.
    private func hide(_ row: inout DOIRow, of name: EnvironmentName, _ agency: DOIAgency) async throws -> Bool {
        guard row.registered == State.findable.rawValue, try await !isInCatalogue(row, name) else { return false }
        row.wanted = State.registered.rawValue
        row.registered = try await agency.put(row.doi, attributes: .object([:]), event: "hide", isNew: false)
        return true
    }

    /// Also when it can't be read now: that is no removal.
    private func isInCatalogue(_ row: DOIRow, _ name: EnvironmentName) async throws -> Bool {
        guard let stem = row.doi.split(separator: "/").last, let version = ReleaseVersion(row.version) else {
            return false
        }
        if try await database.read({ try IdentifierRepository($0).identifier(stem: String(stem)) }) != nil {
            return true
        }
        let found: Release?
        do { found = try await records.catalogue.releases.release(name, version) } catch { return true }
        guard let found else { return false }
        return row.isNamed(by: try await records.catalogue.index.identifier(of: found).stem)
    }

    /// DataCite's words for the ways from one state to another.
    private static func event(from state: String?, to wanted: String) -> String? {
        switch (state, wanted) {
        case (let state, "findable") where state != "findable": "publish"
        case ("findable", "registered"): "hide"
        case (let state, "registered") where state != "registered": "register"
        default: nil
        }
    }

    private func event(_ kind: String, _ row: DOIRow) -> EventDraft {
        EventDraft(
            subject: "release:\(row.name):\(row.version)", kind: kind,
            data: ["doi": .string(row.doi), "state": .string(row.registered ?? "none"), "wanted": .string(row.wanted)],
            owner: EnvironmentName(row.name)?.ownerName)
    }
}
