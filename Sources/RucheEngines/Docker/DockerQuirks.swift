/// Where services of Docker's API differ from Docker, as their answers show.
struct DockerQuirks: Hashable, Sendable {
    /// `seccomp=` names a file for the service to read rather than holding the profile.
    var readsSeccompFile = false
    /// `max_usage` of memory is not the peak.
    var hidesMemoryPeak = false
    /// The end of a followed log may miss the last lines.
    var endsLogsEarly = false
    /// A paused container takes no signal.
    var refusesSignalsWhenPaused = false
    /// Waiting may hang where the container ended just before, and so may following its log.
    var losesEnds = false
    /// Naming one limit of processes raises others beyond what the service may set.
    var raisesOtherLimits = false
    var logDriver = "json-file"

    /// From the headers of the answer to `/_ping`: `Libpod-API-Version`, and `Server`, such as `Docker/20.10.24 (linux)`.
    init(podmanVersion: String?, server: String?) {
        guard podmanVersion != nil else {
            // Followed logs were written anew for Docker 23 (moby's pull request 43294).
            let major = server?.firstMatch(of: /Docker\/(\d+)\./).flatMap { Int($0.output.1) }
            endsLogsEarly = major.map { $0 < 23 } ?? true
            return
        }
        endsLogsEarly = true
        readsSeccompFile = true
        hidesMemoryPeak = true
        refusesSignalsWhenPaused = true
        losesEnds = true
        raisesOtherLimits = true
        logDriver = "k8s-file"
    }
}
