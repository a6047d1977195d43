/// How often logging in failed of late, by user and by address, inside one transaction.
package struct LoginAttemptRepository {
    private let connection: any SQLConnection

    package init(_ connection: any SQLConnection) { self.connection = connection }

    package func failures(of subject: String) throws -> (count: Int64, last: Int64)? {
        try connection.query("SELECT * FROM login_attempts WHERE subject = ?", [.text(subject)]).first.flatMap { row in
            guard let count = row.integer("failures"), let last = row.integer("failed_at") else { return nil }
            return (count, last)
        }
    }

    package func set(_ subject: String, failures: Int64, at time: Int64) throws {
        try connection.execute(
            """
            INSERT INTO login_attempts (subject, failures, failed_at) VALUES (?, ?, ?)
            ON CONFLICT (subject) DO UPDATE SET failures = excluded.failures, failed_at = excluded.failed_at
            """, [.text(subject), .integer(failures), .integer(time)])
    }

    package func forget(_ subject: String) throws {
        try connection.execute("DELETE FROM login_attempts WHERE subject = ?", [.text(subject)])
    }

    package func removeOlder(than time: Int64) throws {
        try connection.execute("DELETE FROM login_attempts WHERE failed_at < ?", [.integer(time)])
    }
}
