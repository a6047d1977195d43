/// Which blobs belong to which environment, inside one transaction.
package struct EnvironmentBlobRepository {
    private let connection: any SQLConnection

    package init(_ connection: any SQLConnection) { self.connection = connection }

    /// Replaces what an environment has from one source, such as a release.
    package func set(_ blobs: [(digest: String, size: Int64)], of name: String, source: String) throws {
        try remove(of: name, source: source)
        for blob in blobs {
            try connection.execute(
                "INSERT INTO environment_blobs (name, digest, source, size) VALUES (?, ?, ?, ?)",
                [.text(name), .text(blob.digest), .text(source), .integer(blob.size)])
        }
    }

    package func remove(of name: String, source: String) throws {
        try connection.execute(
            "DELETE FROM environment_blobs WHERE name = ? AND source = ?", [.text(name), .text(source)])
    }

    package func removeAll() throws {
        for table in ["environment_blobs", "kept_blobs"] { try connection.execute("DELETE FROM \(table)", []) }
    }

    /// Replaces what an environment keeps from one source and gives to nobody.
    package func keep(_ blobs: [(digest: String, size: Int64)], of name: String, source: String) throws {
        try connection.execute(
            "DELETE FROM kept_blobs WHERE name = ? AND source = ?", [.text(name), .text(source)])
        for blob in blobs {
            try connection.execute(
                "INSERT OR IGNORE INTO kept_blobs (name, digest, source, size) VALUES (?, ?, ?, ?)",
                [.text(name), .text(blob.digest), .text(source), .integer(blob.size)])
        }
    }

    /// Whether an environment has a blob, by a release, a manifest, or as one that was just pushed.
    package func has(_ digest: String, in name: String) throws -> Bool {
        for table in ["environment_blobs", "pushed_blobs"] {
            let found = try connection.query(
                "SELECT 1 FROM \(table) WHERE name = ? AND digest = ? LIMIT 1", [.text(name), .text(digest)])
            if !found.isEmpty { return true }
        }
        return false
    }

    /// Whether a release, a manifest or a draft of an environment names a blob.
    package func isNamed(_ digest: String, in name: String) throws -> Bool {
        try !connection.query(
            "SELECT 1 FROM environment_blobs WHERE name = ? AND digest = ? LIMIT 1", [.text(name), .text(digest)]
        ).isEmpty
    }

    /// Whether an environment has a blob that who reads the things of `owners` may see; nil is everybody's.
    package func isVisible(_ digest: String, to owners: [String]?) throws -> Bool {
        var condition = SQLCondition()
        condition.add("digest = ?", .text(digest))
        condition.add(visibleTo: owners)
        return try !connection.query(
            """
            SELECT 1 FROM environment_blobs JOIN environments ON environments.name = environment_blobs.name
            \(condition.clause)LIMIT 1
            """, condition.arguments
        ).isEmpty
    }

    // MARK: Just pushed

    /// Notes that a blob came, or came again. Times are milliseconds since 1970.
    package func push(_ digest: String, size: Int64, to name: String, at time: Int64) throws {
        try connection.execute(
            """
            INSERT INTO pushed_blobs (name, digest, pushed_at, size) VALUES (?, ?, ?, ?)
            ON CONFLICT (name, digest) DO UPDATE SET pushed_at = excluded.pushed_at, size = excluded.size
            """,
            [.text(name), .text(digest), .integer(time), .integer(size)])
    }

    package func isPushed(_ digest: String) throws -> Bool {
        try !connection.query("SELECT 1 FROM pushed_blobs WHERE digest = ? LIMIT 1", [.text(digest)]).isEmpty
    }

    package func removePushed(_ digest: String, in name: String) throws {
        try connection.execute(
            "DELETE FROM pushed_blobs WHERE name = ? AND digest = ?", [.text(name), .text(digest)])
    }

    package func removePushed(before time: Int64) throws {
        try connection.execute("DELETE FROM pushed_blobs WHERE pushed_at < ?", [.integer(time)])
    }
}
