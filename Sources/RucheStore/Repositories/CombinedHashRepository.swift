/// Hashes of two blobs one after the other, inside one transaction.
package struct CombinedHashRepository {
    private let connection: any SQLConnection

    package init(_ connection: any SQLConnection) { self.connection = connection }

    package func hash(_ first: String, _ second: String) throws -> String? {
        try connection.query(
            "SELECT hash FROM combined_hashes WHERE first = ? AND second = ?", [.text(first), .text(second)]
        ).first?.text("hash")
    }

    package func save(_ hash: String, of first: String, _ second: String) throws {
        try connection.execute(
            """
            INSERT INTO combined_hashes (first, second, hash) VALUES (?, ?, ?)
            ON CONFLICT (first, second) DO UPDATE SET hash = excluded.hash
            """, [.text(first), .text(second), .text(hash)])
    }
}
