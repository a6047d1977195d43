/// How the process of a job ended, in the terms a person asks for.
package struct JobExit: Hashable, Sendable, Codable {
    package enum Reason: String, Sendable, Codable {
        /// The process returned an exit code by itself.
        case exited
        /// A signal ended it.
        case signalled
        /// The kernel killed it because the job's memory limit was reached.
        case outOfMemory = "out_of_memory"
        /// It ran longer than its time limit.
        case timedOut = "timed_out"
        /// It wrote more than its disk limit.
        case diskLimit = "disk_limit"
        /// Somebody cancelled the job.
        case cancelled
        /// The engine lost it, or could not start it; `message` says how.
        case engineFailure = "engine_failure"
        /// A job that it comes after did not succeed.
        case dependencyFailed = "dependency_failed"
    }

    package var reason: Reason
    /// The exit code (0–255); for a signal 128 + its number.
    package var code: Int?
    package var signal: Int?
    package var message: String?

    package init(reason: Reason, code: Int? = nil, signal: Int? = nil, message: String? = nil) {
        self.reason = reason
        self.code = code
        self.signal = signal
        self.message = message
    }

    package var isSuccess: Bool { reason == .exited && code == 0 }
}
