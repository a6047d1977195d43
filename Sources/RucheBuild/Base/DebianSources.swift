import RucheCore
import SystemPackage

/// Where a `debian:SUITE` base comes from.
struct DebianSources: Hashable, Sendable, Codable {
    var suite: String
    /// What the record and messages name.
    var mirror: String
    /// `YYYYMMDDTHHMMSSZ`, when the archive is asked for as it was then.
    var snapshot: String?
    var sources: [AptSource]

    /// The image's `sources.list`.
    var list: String { sources.flatMap(\.lines).map { $0 + "\n" }.joined() }

    /// The recipe's mirror or snapshot, then the configuration's, then the machine's own.
    static func choose(
        suite: String, mirror: String?, snapshot: String?, _ configuration: BuilderConfiguration
    ) throws -> DebianSources {
        guard suite.wholeMatch(of: /[a-z0-9][a-z0-9.+-]*/) != nil else {
            throw RucheError(.invalidRecipe, "\"\(suite)\" is not a Debian suite, such as bookworm")
        }
        if let snapshot = snapshot ?? configuration.snapshot {
            return try ofSnapshot(snapshot, suite, configuration.snapshotURL)
        }
        if let mirror = mirror ?? configuration.mirror { return try ofMirror(mirror, suite) }
        return try ofMachine(suite, configuration.aptFolder)
    }

    private static func ofMirror(_ mirror: String, _ suite: String) throws -> DebianSources {
        guard mirror.wholeMatch(of: /(?:https?|file|copy):\/\/?[^ \t\n\[\]]+/) != nil else {
            throw RucheError(.invalidInput, "the mirror \"\(mirror)\" is not a URL, such as https://host/debian")
        }
        return DebianSources(
            suite: suite, mirror: mirror, sources: [AptSource(uri: mirror, suites: [suite], components: ["main"])])
    }

    private static func ofSnapshot(_ snapshot: String, _ suite: String, _ template: String?) throws -> DebianSources {
        guard SnapshotTime.seconds(snapshot) != nil else {
            throw RucheError(.invalidRecipe, "the snapshot \"\(snapshot)\" is not a time as in 20260131T120000Z")
        }
        guard let template else {
            throw RucheError(
                .invalidInput,
                "no snapshot service is known for the snapshot \(snapshot): set \"snapshot_url\" in the configuration, as in snapshot_url: https://host/archive/{archive}/{timestamp}"
            )
        }
        let url = template.replacing("{timestamp}", with: snapshot)
        let options = ["check-valid-until=no"]
        func source(_ archive: String, _ suites: [String]) -> AptSource {
            AptSource(
                uri: url.replacing("{archive}", with: archive), suites: suites, components: ["main"], options: options)
        }
        var sources = [source("debian", hasUpdates(suite) ? [suite, suite + "-updates"] : [suite])]
        if url.contains("{archive}"), hasUpdates(suite) {
            sources.append(source("debian-security", [suite + "-security"]))
        }
        if !url.contains("{archive}") { sources[0].suites = [suite] }
        return DebianSources(suite: suite, mirror: sources[0].uri, snapshot: snapshot, sources: sources)
    }

    /// Suites that never get updates of their own.
    private static func hasUpdates(_ suite: String) -> Bool { !["sid", "unstable", "experimental"].contains(suite) }

    /// The machine's sources for this suite with its updates; its main archive serves other suites too.
    private static func ofMachine(_ suite: String, _ folder: FilePath) throws -> DebianSources {
        let machine = AptSource.ofMachine(in: folder)
        let names = [suite, suite + "-updates", suite + "-security"]
        let own = machine.compactMap { source -> AptSource? in
            let suites = source.suites.filter(names.contains)
            return suites.isEmpty ? nil : AptSource(uri: source.uri, suites: suites, components: ["main"])
        }
        if let main = own.first(where: { $0.suites.contains(suite) }) {
            return DebianSources(suite: suite, mirror: main.uri, sources: own)
        }
        // The archive that carries `X` and `X-updates` is a Debian mirror, whatever its host is.
        let archive = machine.first { source in
            source.components.contains("main") && source.suites.contains { !$0.contains("-") && !$0.hasSuffix("/") }
                && machine.contains { other in
                    other.suites.contains { $0.hasSuffix("-updates") || $0.hasSuffix("-security") }
                }
        }
        guard let archive else {
            throw RucheError(
                .invalidInput,
                "no Debian mirror is known: set \"mirror\" in the recipe or in the configuration, as in mirror: https://host/debian"
            )
        }
        return DebianSources(
            suite: suite, mirror: archive.uri,
            sources: [AptSource(uri: archive.uri, suites: [suite], components: ["main"])])
    }
}
