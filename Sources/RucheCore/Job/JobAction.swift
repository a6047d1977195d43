/// What has to be done after a step of `JobStateMachine`.
package enum JobAction: Hashable, Sendable {
    case none
    /// Put it (again) in the queue.
    case enqueue
    /// Remove a container that is left from before, then put the job in the queue.
    case discardAndEnqueue
    /// Make the container and start it.
    case prepare
    /// Watch the container that runs.
    case supervise
    /// Freeze, or thaw, the container.
    case pause, resume
    /// Stop preparing; what exists so far goes with finalization.
    case interruptPreparation
    /// End the container: TERM, then KILL. A paused one is thawed first, or no signal would reach it.
    case terminate(thaw: Bool)
    /// Collect logs and outputs, write the record, remove the container.
    case finalize(JobExit)
    /// The job is over: tell everybody.
    case announce(JobState)
    /// Remove a container that a finished job left.
    case discard
}
