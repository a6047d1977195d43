import Foundation
import RucheCore
import RucheHost
import SystemPackage

/// Talks to a running QEMU over its monitor socket (QEMU Machine Protocol), one command a connection.
struct QMPClient: Sendable {
    enum Command: Hashable, Sendable {
        /// Presses the power button.
        case powerDown
        case quit
        case snapshot(device: String, name: String)
        /// Tells of the disks.
        case disks

        var message: JSONValue {
            switch self {
            case .powerDown: ["execute": "system_powerdown"]
            case .quit: ["execute": "quit"]
            case .disks: ["execute": "query-block"]
            case .snapshot(let device, let name):
                [
                    "execute": "blockdev-snapshot-internal-sync",
                    "arguments": ["device": .string(device), "name": .string(name)],
                ]
            }
        }
    }

    /// The parts of a message that matter here: a greeting, an answer, an error, or an event.
    private struct Message: Decodable {
        struct Failure: Decodable { var desc: String }
        var QMP: JSONValue?
        var `return`: JSONValue?
        var error: Failure?
    }

    static let socket = "qmp.sock"
    private static let lineLimit = 1 << 20

    let folder: FilePath
    var timeout = Duration.seconds(10)

    /// Whether somebody answers.
    func answers() async -> Bool {
        do {
            try await BlockingWork.run { _ = try connect() }
            return true
        } catch {
            return false  // asked again, or taken for gone
        }
    }

    /// Throws `engine_unavailable` when nobody answers or the answer is an error.
    func execute(_ command: Command) async throws {
        do {
            try await BlockingWork.run {
                var reader = try connect()
                try send(command.message, reader.socket)
                try reader.answer()
            }
        } catch let error as Errno {
            throw RucheError(.engineUnavailable, "QEMU does not answer: \(error)", cause: error)
        }
    }

    /// A connection on which commands are taken.
    private func connect() throws -> Reader {
        var reader = Reader(socket: try LocalSocket(Self.socket, in: folder, timeout: timeout))
        guard try reader.next().QMP != nil else {
            throw RucheError(.engineUnavailable, "QEMU's monitor says something else than expected")
        }
        try send(["execute": "qmp_capabilities"], reader.socket)
        try reader.answer()
        return reader
    }

    private func send(_ message: JSONValue, _ socket: LocalSocket) throws {
        try socket.write(Array(try JSONEncoder().encode(message)) + [UInt8(ascii: "\n")])
    }

    private struct Reader {
        let socket: LocalSocket
        private var rest: [UInt8] = []

        init(socket: LocalSocket) { self.socket = socket }

        /// Skips events.
        mutating func answer() throws {
            while true {
                let message = try next()
                if let error = message.error { throw RucheError(.engineUnavailable, "QEMU: \(error.desc)") }
                if message.return != nil { return }
            }
        }

        mutating func next() throws -> Message {
            while true {
                if let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
                    let line = rest[..<end]
                    rest.removeSubrange(...end)
                    return try JSONDecoder().decode(Message.self, from: Data(line))
                }
                let bytes = try socket.read(limit: 1 << 16)
                guard !bytes.isEmpty, rest.count < QMPClient.lineLimit else { throw Errno.brokenPipe }
                rest += bytes
            }
        }
    }
}
