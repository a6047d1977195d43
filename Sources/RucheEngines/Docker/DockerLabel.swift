/// Labels by which an engine finds again, in any process, what it made.
enum DockerLabel {
    /// Data directory that a container belongs to.
    static let data = "ruche.data"
    static let scratch = "ruche.scratch"
    /// Seconds of wall time from the start.
    static let timeLimit = "ruche.time-limit"
    /// Digest of what an image was made of.
    static let digest = "ruche.digest"
}
