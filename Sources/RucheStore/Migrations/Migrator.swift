import RucheCore

/// Runs the migrations that a database has not seen, in order, and notes each in `schema_migrations`.
struct Migrator {
    let migrations: [Migration]

    /// Call it inside one transaction. Throws `unsupported` for a database of a newer program.
    func run(_ connection: any SQLConnection) throws {
        try connection.execute(
            "CREATE TABLE IF NOT EXISTS schema_migrations (number BIGINT NOT NULL PRIMARY KEY, name TEXT NOT NULL)", [])
        let seen = Set(
            try connection.query("SELECT number FROM schema_migrations", []).compactMap { $0.integer("number") })
        let present = seen.max() ?? 0
        let known = migrations.last?.number ?? 0
        guard present <= known else {
            throw RucheError(
                .unsupported,
                "the database has schema \(present) and this program knows \(known): use the newer program that made it",
                details: ["schema": String(present), "known": String(known)])
        }
        for migration in migrations where !seen.contains(migration.number) {
            for statement in migration.statements { try connection.execute(statement, []) }
            try connection.execute(
                "INSERT INTO schema_migrations (number, name) VALUES (?, ?)",
                [.integer(migration.number), .text(migration.name)])
        }
    }
}
