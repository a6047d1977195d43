/// Every key that the manifest of a package may have, in any dialect.
package enum ManifestKeys {
    /// What is read, by its present name and those it had before.
    static let aliases: [String: [String]] = [
        "job": ["run"], "databases": ["db"], "developers": ["developpers", "contacts"], "api": ["pirus_api"],
    ]
    /// Known and without a meaning here.
    static let ignored: [String: String] = [
        "api": "the level of the API is not looked at",
        "lxd_alias": "an installer of another server wrote it",
        "image_alias": "an installer of another server wrote it",
        "regovar_db_access": "no job gets access to a database server",
    ]
    static let read = [
        "name", "version", "description", "type", "job", "inputs", "outputs", "logs", "databases", "developers",
        "license", "documents", "form", "icon",
    ]
    package static let all = read + aliases.values.flatMap(\.self) + ignored.keys
    /// What `type` may be: what the pipeline works on, or the technology of its container.
    static let technologies = ["lxd", "docker"]
}
