/// Labels by which an engine finds again, in any process, what it made.
enum DockerLabel {
    /// Data directory that a container belongs to.
    static let data = "ruche.data"
    static let scratch = "ruche.scratch"
    /// Seconds of wall time from the start.
    static let timeLimit = "ruche.time-limit"
    /// Tells one making of a container from another.
    static let making = "ruche.making"
    /// Digest of what an image was made of.
    static let digest = "ruche.digest"
}
