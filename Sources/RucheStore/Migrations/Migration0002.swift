extension Migration {
    /// Accounts, and whose everything is.
    static let accounts = Migration(
        2, "accounts", owners + access + owned)

    private static let owners = [
        """
        CREATE TABLE owners (
            name TEXT NOT NULL PRIMARY KEY,
            kind TEXT NOT NULL,
            display_name TEXT NOT NULL,
            shares_releases INTEGER NOT NULL,
            created_at BIGINT NOT NULL)
        """,
        """
        CREATE TABLE users (
            name TEXT NOT NULL PRIMARY KEY REFERENCES owners (name),
            display_name TEXT NOT NULL,
            password TEXT,
            site_role TEXT,
            is_disabled INTEGER NOT NULL,
            created_at BIGINT NOT NULL)
        """,
        """
        CREATE TABLE memberships (
            owner_name TEXT NOT NULL REFERENCES owners (name),
            user_name TEXT NOT NULL REFERENCES users (name),
            role TEXT NOT NULL,
            PRIMARY KEY (owner_name, user_name))
        """,
        "CREATE INDEX memberships_by_user ON memberships (user_name)",
    ]

    private static let access = [
        """
        CREATE TABLE tokens (
            id TEXT NOT NULL PRIMARY KEY,
            user_name TEXT NOT NULL REFERENCES users (name),
            name TEXT NOT NULL,
            hash TEXT NOT NULL UNIQUE,
            rights TEXT NOT NULL,
            owner_name TEXT,
            created_at BIGINT NOT NULL,
            expires_at BIGINT,
            used_at BIGINT)
        """,
        "CREATE INDEX tokens_by_user ON tokens (user_name, id)",
        """
        CREATE TABLE sessions (
            hash TEXT NOT NULL PRIMARY KEY,
            user_name TEXT NOT NULL REFERENCES users (name),
            csrf TEXT NOT NULL,
            created_at BIGINT NOT NULL,
            used_at BIGINT NOT NULL)
        """,
        "CREATE INDEX sessions_by_user ON sessions (user_name)",
        """
        CREATE TABLE login_attempts (
            subject TEXT NOT NULL PRIMARY KEY,
            failures BIGINT NOT NULL,
            failed_at BIGINT NOT NULL)
        """,
    ]

    /// What was there before accounts belongs to whoever has the private socket.
    private static let owned = [
        "ALTER TABLE jobs ADD COLUMN owner TEXT NOT NULL DEFAULT 'local'",
        "CREATE INDEX jobs_by_owner ON jobs (owner, id)",
        "ALTER TABLE operations ADD COLUMN owner TEXT",
        "ALTER TABLE operations ADD COLUMN created_by TEXT",
        "ALTER TABLE events ADD COLUMN owner TEXT",
        "ALTER TABLE events ADD COLUMN actor TEXT",
        "CREATE INDEX events_by_owner ON events (owner, sequence)",
    ]
}
