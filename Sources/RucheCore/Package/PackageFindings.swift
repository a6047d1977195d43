/// Collects what is noticed in one document of a package.
package struct PackageFindings: Sendable {
    /// A list longer than this helps nobody.
    private static let most = 500

    /// The document, as its author knows it.
    package let file: String
    package private(set) var all: [PackageFinding] = []

    package init(file: String) { self.file = file }

    package mutating func add(
        _ severity: PackageFinding.Severity, _ place: Place?, _ path: String, _ message: String,
        found: String? = nil, allowed: String? = nil, suggestion: String? = nil
    ) {
        add(
            PackageFinding(
                severity,
                Problem(
                    file: file, line: place?.line, column: place?.column, path: path, message: message, found: found,
                    allowed: allowed, suggestion: suggestion)))
    }

    package mutating func add(_ finding: PackageFinding) {
        if all.count < Self.most { all.append(finding) }
    }
}

extension Sequence<PackageFinding> {
    /// The problems of those that forbid an installation.
    package var errors: [Problem] { filter { $0.severity == .error }.map(\.problem) }
}
