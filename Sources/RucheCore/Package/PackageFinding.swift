/// One thing that was noticed in a package: how bad it is, and where it stands.
package struct PackageFinding: Hashable, Sendable, Codable {
    package enum Severity: String, Hashable, Sendable, Codable, CaseIterable {
        /// The package can't be installed.
        case error
        /// It can, but its author should know.
        case warning
        /// What was made of something.
        case note
    }

    package var severity: Severity
    package var problem: Problem

    package init(_ severity: Severity, _ problem: Problem) {
        self.severity = severity
        self.problem = problem
    }
}

extension PackageFinding: CustomStringConvertible {
    /// `error: file:line:column: path: message (…)`
    package var description: String { "\(severity.rawValue): \(problem)" }
}
