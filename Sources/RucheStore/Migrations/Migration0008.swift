extension Migration {
    /// SHA-256 of two blobs one after the other: how LXD names an image of two files. Can be made again.
    static let combinedHashes = Migration(
        8, "combined hashes",
        [
            """
            CREATE TABLE combined_hashes (
                first TEXT NOT NULL,
                second TEXT NOT NULL,
                hash TEXT NOT NULL,
                PRIMARY KEY (first, second))
            """
        ])
}
