package import SystemPackage

/// A program to run, with all it gets: nothing is inherited from this process but what is named here.
package struct Command: Sendable {
    package enum Input: Sendable {
        case none
        case bytes([UInt8])
    }
    /// Where the descriptors of the program lead.
    package enum Output: Sendable {
        /// Standard output and error come back in the result.
        case captured
        /// Each descriptor leads to a file; standard input, output and error to nowhere unless they are named.
        /// For programs that go on in the background with them.
        case files([Int32: File])
        /// The program has this process's own standard streams and terminal, and stays in its session: for shells.
        case inherited
    }
    package enum File: Hashable, Sendable {
        case read(FilePath)
        /// A file that is made or emptied.
        case write(FilePath)
        /// An open descriptor of this process.
        case descriptor(Int32)
    }

    /// A name looked up on the fixed path of `SystemCommandRunner`, or an absolute path.
    package var executable: String
    package var arguments: [String]
    /// The whole environment, besides `PATH` and `LC_ALL`, which are always set.
    package var environment: [String: String]
    package var workingDirectory: FilePath?
    package var input: Input
    package var output = Output.captured
    /// Whether a carriage return ends a line as well: what programs write that draw a bar.
    package var returnsEndLines = false

    package init(
        _ executable: String, _ arguments: [String], environment: [String: String] = [:],
        workingDirectory: FilePath? = nil, input: Input = .none
    ) {
        self.executable = executable
        self.arguments = arguments
        self.environment = environment
        self.workingDirectory = workingDirectory
        self.input = input
    }
}

/// How a process ended.
package enum ExitStatus: Hashable, Sendable {
    case exited(Int32)
    case signalled(Int32)

    package var isSuccess: Bool { self == .exited(0) }
    /// The code a shell would show: the exit code, or 128 + the signal.
    package var shellCode: Int {
        switch self {
        case .exited(let code): Int(code)
        case .signalled(let signal): 128 + Int(signal)
        }
    }
}

/// One line a process wrote, without its line feed. Invalid UTF-8 is repaired; lines are cut at 64 KiB.
package struct OutputLine: Hashable, Sendable {
    package enum Stream: String, Hashable, Sendable, Codable {
        case stdout, stderr
    }
    package var stream: Stream
    package var text: String

    package init(stream: Stream, text: String) {
        self.stream = stream
        self.text = text
    }
}

/// What is left of a process that ended.
package struct CommandResult: Sendable {
    package var status: ExitStatus
    /// Standard output, at most `SystemCommandRunner.captureLimit` bytes from its start.
    package var output: String
    /// The last lines of standard error.
    package var errorTail: String

    package init(status: ExitStatus, output: String, errorTail: String) {
        self.status = status
        self.output = output
        self.errorTail = errorTail
    }
}
