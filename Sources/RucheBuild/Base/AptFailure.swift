import RucheCore
import RucheHost

/// What apt wrote, read as a reason. apt has no exit codes or machine-readable errors of its own.
struct AptFailure {
    let lines: [String]
    /// Named in messages.
    let mirror: String

    /// The archive has not (any more) what the lists say, or the lists are too old to know it.
    var mayBeStale: Bool { unknownPackage != nil || mentions("Failed to fetch") }

    /// The mirror is being renewed: what was fetched is in part of before and in part of after it.
    var isOutOfStep: Bool {
        ["Mirror sync in progress", "Hash Sum mismatch", "File has unexpected size"].contains(where: mentions)
    }

    /// After it a mirror that is being renewed is asked once more.
    static let renewal = Duration.seconds(30)

    /// Asks a mirror for its lists by a program; once more where it is just being renewed.
    static func asking(
        _ mirror: String, doing what: String, onLine: @escaping @Sendable (OutputLine) -> Void,
        _ run: (LineKeeper) async throws -> ExitStatus
    ) async throws {
        for isLast in [false, true] {
            let keeper = LineKeeper(next: onLine)
            if try await run(keeper).isSuccess { return }
            let failure = AptFailure(lines: keeper.kept, mirror: mirror)
            guard failure.isOutOfStep, !isLast else { throw failure.error(doing: what) }
            try await Task.sleep(for: renewal)
        }
    }

    func error(_ code: ErrorCode = .buildFailed, doing what: String) -> RucheError {
        if let package = unknownPackage {
            return RucheError(
                .buildFailed, "the package \"\(package)\" is not in \(mirror): check its name, version and suite",
                details: ["package": package])
        }
        if let suite = unknownSuite {
            return RucheError(
                .invalidRecipe, "\(mirror) has no suite \"\(suite)\": check the suite in \"from\" and the mirror",
                details: ["mirror": mirror])
        }
        if mentions("No space left on device") {
            return RucheError(.diskFull, "the disk is full while \(what)")
        }
        if isNetwork {
            return RucheError(
                .networkUnavailable, "the Debian mirror \(mirror) can't be reached: \(reason)",
                details: ["mirror": mirror])
        }
        return RucheError(code, "\(what) failed: \(reason)")
    }

    private func mentions(_ text: String) -> Bool { lines.contains { $0.contains(text) } }

    private var unknownPackage: String? {
        for line in lines {
            if let match = line.firstMatch(of: /Unable to locate package (\S+)/) { return String(match.1) }
            if let match = line.firstMatch(of: /Package '?([^ ']+)'? has no installation candidate/) {
                return String(match.1)
            }
            if let match = line.firstMatch(of: /(?:Version|Release) '([^']+)' for '([^']+)' was not found/) {
                return "\(match.2)=\(match.1)"
            }
        }
        return nil
    }

    private var unknownSuite: String? {
        guard mentions("404") || mentions("File not found") else { return nil }
        return lines.lazy.compactMap {
            $0.firstMatch(of: /repository '[^' ]+ ([^' ]+)[^']*' does (?:not|no longer) have a Release file/)
        }
        .first.map { String($0.1) }
    }

    private var isNetwork: Bool {
        [
            "Temporary failure resolving", "Could not resolve", "Could not connect", "Unable to connect",
            "Connection failed", "Network is unreachable", "Connection timed out", "Connection refused",
            "Certificate verification failed", "Failed to fetch", "File not found",
        ].contains(where: mentions)
    }

    private var reason: String {
        let errors = lines.filter { $0.hasPrefix("E:") || $0.contains(" failed") || $0.contains("Could not") }
        // The last line of apt says only that something went wrong.
        let cause = lines.last { $0.hasPrefix("E: Failed to fetch") }
        return cause ?? errors.last ?? lines.last { !$0.isEmpty } ?? "no output"
    }
}
