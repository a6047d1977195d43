/// Keys of an instance's configuration by which an engine finds again, in any process, what it made.
enum LXDKey {
    /// Data directory that an instance belongs to.
    static let data = "user.ruche.data"
    /// The same of a machine, which no job's engine may take for a container of its own.
    static let machine = "user.ruche.machine"
    static let scratch = "user.ruche.scratch"
    /// Seconds of wall time from the start.
    static let timeLimit = "user.ruche.time-limit"
    /// `uid:gid` in the container.
    static let user = "user.ruche.user"
    /// Property of an image: hexadecimal digest of what it was made of.
    static let digest = "ruche_digest"
}
