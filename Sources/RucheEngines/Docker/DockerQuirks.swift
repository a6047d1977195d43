/// Where services of Docker's API differ from Docker, as their answers show.
struct DockerQuirks: Hashable, Sendable {
    /// `seccomp=` names a file for the service to read rather than holding the profile.
    var readsSeccompFile = false
    /// `max_usage` of memory is not the peak.
    var hidesMemoryPeak = false
    /// A paused container takes no signal.
    var refusesSignalsWhenPaused = false
    /// Waiting may hang where the container ended just before, and so may following its log.
    var losesEnds = false
    /// Naming one limit of processes raises others beyond what the service may set.
    var raisesOtherLimits = false
    var logDriver = "json-file"

    /// From the headers of the answer to `/_ping`.
    init(podmanVersion: String?) {
        guard podmanVersion != nil else { return }
        readsSeccompFile = true
        hidesMemoryPeak = true
        refusesSignalsWhenPaused = true
        losesEnds = true
        raisesOtherLimits = true
        logDriver = "k8s-file"
    }
}
