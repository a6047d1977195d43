/// One step of the schema. Numbers go up; a released migration is never changed.
package struct Migration: Sendable {
    package let number: Int64
    package let name: String
    /// Statements of portable SQL, run in one transaction with all others that are due.
    package let statements: [String]

    package init(_ number: Int64, _ name: String, _ statements: [String]) {
        self.number = number
        self.name = name
        self.statements = statements
    }

    /// Every migration of this program, oldest first.
    package static let all: [Migration] = [
        .firstTables, .accounts, .filesAndUploads, .queue, .webhooks, .environments, .combinedHashes, .search,
        .identifiers, .instances, .removedReleases,
    ]
}
