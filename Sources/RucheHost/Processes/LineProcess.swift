import CLibarchive
import Glibc
import NIOCore
import NIOPosix
import RucheCore

/// A program that goes on beside this process and talks with it in lines on its standard streams.
///
/// Its input ends when this process does, however it does, so that a program that obeys never outlives it.
package final class LineProcess: Sendable {
    package enum Event: Sendable {
        /// A line of standard output, or of standard error, without its line feed.
        case line([UInt8])
        case errorLine([UInt8])
        /// A line longer than the limit; it is dropped.
        case lineTooLong
        /// Standard output has ended: nothing more will come.
        case closed
    }

    private let channel: any Channel
    private let waiting: Task<ExitStatus, any Error>

    /// Starts the program. `onEvent` is called in the order of the lines of each stream, and must not block.
    package init(
        _ command: Command, lineLimit: Int, onEvent: @escaping @Sendable (Event) -> Void
    ) async throws {
        guard let path = Tool.find(command.executable) else { throw Tool.missing(command.executable) }
        // A program that ends while it is written to must not end this one.
        Glibc.signal(SIGPIPE, SIG_IGN)
        var environment = command.environment
        environment["PATH"] = environment["PATH"] ?? Tool.searchPath
        environment["LC_ALL"] = environment["LC_ALL"] ?? "C.UTF-8"
        let input = try Pipe()
        let output = try Pipe()
        let errors = try Pipe()
        let process: SpawnedProcess
        do {
            process = try SpawnedProcess(
                path, command, environment,
                [0: .descriptor(input.read), 1: .descriptor(output.write), 2: .descriptor(errors.write)])
        } catch {
            for pipe in [input, output, errors] { for end in [pipe.read, pipe.write] { Glibc.close(end) } }
            throw error
        }
        for end in [input.read, output.write, errors.write] { Glibc.close(end) }
        waiting = Task { try await process.end() }
        let bootstrap = NIOPipeBootstrap(group: MultiThreadedEventLoopGroup.singleton)
        _ = try await bootstrap.channelInitializer { channel in
            channel.eventLoop.makeCompletedFuture {
                let handler = LineHandler(limit: 1 << 14, isLast: false, line: Event.errorLine, onEvent: onEvent)
                try channel.pipeline.syncOperations.addHandler(handler)
            }
        }.takingOwnershipOfDescriptor(input: errors.read).get()
        channel = try await bootstrap.channelInitializer { channel in
            channel.eventLoop.makeCompletedFuture {
                let handler = LineHandler(limit: lineLimit, isLast: true, line: Event.line, onEvent: onEvent)
                try channel.pipeline.syncOperations.addHandler(handler)
            }
        }.takingOwnershipOfDescriptors(input: output.read, output: input.write).get()
    }

    deinit { channel.close(promise: nil) }

    /// Writes one line and its line feed; returns when the program's pipe has taken it.
    package func send(_ line: [UInt8]) async throws {
        var buffer = ByteBuffer(bytes: line)
        buffer.writeInteger(UInt8(ascii: "\n"))
        try await channel.writeAndFlush(buffer)
    }

    /// Closes the streams, sends TERM, and KILL after five seconds.
    package func terminate() {
        channel.close(promise: nil)
        waiting.cancel()
    }

    private struct Pipe {
        let read: Int32
        let write: Int32

        init() throws {
            var ends: [Int32] = [-1, -1]
            guard pipe2(&ends, O_CLOEXEC) == 0 else {
                throw RucheError(.internalError, "no pipe can be made: \(String(cString: strerror(errno)))")
            }
            (read, write) = (ends[0], ends[1])
        }
    }
}
