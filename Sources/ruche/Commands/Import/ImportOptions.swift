import ArgumentParser
import RucheClient
import RucheCore
import RucheHost
import SystemPackage

/// What the commands that import boxes have in common.
struct ImportOptions: ParsableArguments {
    @Flag(help: "Release versions of which a part can't be copied, without it.")
    var partial = false

    @Flag(help: "Leave versions drafts: \"ruche release publish\" releases them.")
    var draft = false

    @Flag(help: "Make an environment that is new private, whatever it is there.")
    var `private` = false

    @Flag(help: "Make an environment that is new public, whatever it is there.")
    var `public` = false

    func validate() throws {
        if `private` && `public` { throw ValidationError("--private and --public exclude each other") }
    }

    /// `isPrivate` is what is said there; nil where nothing is.
    func visibility(_ isPrivate: Bool?) -> Visibility {
        if `private` { return .private }
        if `public` { return .public }
        return isPrivate == false ? .public : .private
    }

    /// Runs an import with a bar, tells what came of it, and throws when something could not be copied.
    func run(
        _ context: CommandContext, _ site: ForeignSite, localFolder: FilePath? = nil,
        _ boxes: @escaping @Sendable (BoxImporter) async throws -> [BoxImporter.Report]
    ) async throws {
        let meter = ImportMeter()
        let folder = context.settings.data.appending("cache").appending("import")
        let (isPartial, isDraft, output) = (partial, draft, context.output)
        let reports: [BoxImporter.Report]
        do {
            reports = try await context.withClient { client in
                try await Ticker.run(output.liveRegion(), { meter.lines() }) {
                    var importer = BoxImporter(from: site, to: client, folder: folder) { meter.set($0, $1, $2) }
                    importer.releasesPartly = isPartial
                    importer.leavesDrafts = isDraft
                    importer.localFolder = localFolder
                    return try await boxes(importer)
                }
            }
        } catch {
            await site.close()
            throw error
        }
        await site.close()
        try tell(reports, output)
    }

    private func tell(_ reports: [BoxImporter.Report], _ output: Output) throws {
        try output.json(reports)
        for report in reports {
            for text in report.released {
                output.quiet(text)
                output.line("imported \(text)")
            }
            for text in report.drafts ?? [] {
                output.quiet(text)
                output.line("imported \(text) as a draft: \"ruche release publish \(text)\" releases it")
            }
            for text in report.alreadyThere { output.line("\(text) is here already", .dim) }
            for finding in report.failures { output.warn("not copied: \(finding.box): \(finding.reason)", .yellow) }
        }
        let failures = reports.reduce(0) { $0 + $1.failures.count }
        guard failures == 0 else {
            throw RucheError(
                .invalidState,
                "\(HumanText.count(failures, "thing")) could not be copied, see above; the same command tries again")
        }
    }

    /// A name of this site for one of another: `--as`, or the same in lower case. Throws `invalid_reference`.
    static func name(_ foreign: String, as wanted: String?) throws -> EnvironmentName {
        let parts = foreign.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        let text =
            switch wanted {
            case let wanted? where wanted.contains("/"): wanted
            case let owner?: "\(owner)/\(parts.last?.lowercased() ?? "")"
            case nil: foreign.lowercased()
            }
        guard parts.count == 2, let name = EnvironmentName(text) else {
            throw RucheError(
                .invalidReference,
                "\"\(text.prefix(160))\" can't be the name of an environment here: give another one with --as owner/name"
            )
        }
        return name
    }
}
