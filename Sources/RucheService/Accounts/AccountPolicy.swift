import RucheCore

/// Figures of accounts. Times are milliseconds.
package struct AccountPolicy: Sendable {
    /// Rounds of scrypt; 128 · 8 times as many bytes of memory.
    package var scryptRounds = 1 << 15
    package var shortestPassword = 10
    /// Bytes; a longer one would only keep the server busy.
    package var longestPassword = 1024
    package var sessionIdle: Int64 = 12 * 3_600_000
    package var sessionLife: Int64 = 7 * 24 * 3_600_000
    /// Failures that are free, for a user and for an address; each one more doubles the wait.
    package var freeFailuresOfUser: Int64 = 5
    package var freeFailuresOfAddress: Int64 = 30
    package var longestWait: Int64 = 15 * 60_000
    /// When failures are forgotten.
    package var failureMemory: Int64 = 24 * 3_600_000
    /// Last uses are written down so often only.
    package var useInterval: Int64 = 60_000

    package init() {}

    /// How long nobody may try again after so many failures.
    func wait(after failures: Int64, free: Int64) -> Int64 {
        guard failures >= free else { return 0 }
        return min(longestWait, 1000 << min(failures - free, 20))
    }

    /// Throws `invalid_input` for a password that nobody may have.
    func check(password: String, of user: OwnerName) throws {
        let problem: String? =
            if password.utf8.count > longestPassword {
                "it has over \(longestPassword) bytes"
            } else if password.count < shortestPassword {
                "it has fewer than \(shortestPassword) characters"
            } else if password.lowercased().contains(user.description), password.count < 2 * shortestPassword {
                "it has the name of its user in it"
            } else if Set(password).count < 4 {
                "it has fewer than 4 different characters"
            } else if password.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) {
                "it has control characters"
            } else {
                nil
            }
        guard let problem else { return }
        throw RucheError(
            .invalidInput, "the password is not accepted: \(problem)",
            problems: [Problem(path: "password", message: problem)])
    }
}
