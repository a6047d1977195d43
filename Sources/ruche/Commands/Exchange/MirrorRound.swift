import RucheClient
import RucheCore
import RucheWire

/// One look at a site, after which the copy is what that site has.
struct MirrorRound: Sendable {
    let source: APIClient
    let target: APIClient
    /// The address of the site.
    let site: String
    let output: Output

    /// What can't be copied is told of and does not hold up the rest. Throws at the end when there was any.
    func run(_ selection: MirrorSelection) async throws {
        let there = try await source.releases().filter { selection.contains($0.name) }
        let here = Dictionary(
            try await target.releases().filter { selection.contains($0.name) }.map { ("\($0.name):\($0.version)", $0) },
            uniquingKeysWith: { first, _ in first })
        var failures: [RucheError] = []
        for release in there.reversed() {
            do {
                try await follow(release, here["\(release.name):\(release.version)"])
            } catch let error as RucheError {
                output.warn("warning: \(release.name):\(release.version): \(error.message)", .yellow)
                failures.append(error)
            }
        }
        for name in Set(there.map(\.name)).sorted() {
            do { try await follow(name) } catch let error as RucheError {
                output.warn("warning: \(name): \(error.message)", .yellow)
                failures.append(error)
            }
        }
        output.note(
            "\(site): \(HumanText.count(there.count, "release")) there, \(HumanText.count(failures.count, "failure"))")
        guard let first = failures.first else { return }
        throw RucheError(
            first.code, "\(HumanText.count(failures.count, "thing")) could not be copied from \(site): see above",
            cause: first)
    }

    private func follow(_ release: ReleaseSummaryDocument, _ here: ReleaseSummaryDocument?) async throws {
        let reference = ReleaseReference(name: release.name, selector: release.version.description)
        if let reason = release.revokedReason {
            guard let here, here.revokedReason == nil else { return }
            try await target.revoke(reference, reason: reason)
            output.line("revoked \(reference): \(reason)")
            return
        }
        if let here {
            guard here.digest != release.digest else { return }
            throw RucheError(
                .immutable, "it is here with the digest \(here.digest), and there with \(release.digest)")
        }
        let site = site
        let outcome = try await Copying(source: source, target: target, output: output).copy(reference, "fetching") {
            $0.mirrorOf = site
        }
        try Copying.tell(outcome, "fetched", output)
    }

    /// What people say of an environment.
    private func follow(_ name: EnvironmentName) async throws {
        let there = try await source.environment(name)
        let here: EnvironmentDocument
        // Nothing of it could be copied.
        do { here = try await target.environment(name) } catch let error as RucheError where error.code == .notFound {
            return
        }
        guard here.mirrorOf == site else { return }
        var change = EnvironmentRequest()
        change.visibility = there.visibility
        change.summary = there.summary ?? ""
        change.description = there.description ?? ""
        change.license = there.license ?? ""
        change.homepage = there.homepage ?? ""
        change.authors = there.authors
        change.keywords = there.keywords
        var (same, changed) = (here, there)
        (same.downloads, changed.downloads) = (0, 0)
        (same.createdAt, changed.createdAt) = (0, 0)
        (same.updatedAt, changed.updatedAt) = (0, 0)
        (same.mirrorOf, changed.mirrorOf) = (nil, nil)
        guard same != changed else { return }
        _ = try await target.changeEnvironment(name, change)
    }
}
