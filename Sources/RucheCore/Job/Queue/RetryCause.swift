/// A way to fail after which a job may be tried again.
package enum RetryCause: Hashable, Sendable {
    /// The engine lost the container, or could not make it.
    case engineLost
    case outOfMemory, timedOut, diskLimit, signalled
    /// An exit code, 1…255.
    case code(Int)

    private static let words: [(Self, String)] = [
        (.engineLost, "engine_lost"), (.outOfMemory, "out_of_memory"), (.timedOut, "timed_out"),
        (.diskLimit, "disk_limit"), (.signalled, "signalled"),
    ]

    /// The words that are understood.
    package static var names: [String] { words.map(\.1) }

    /// Reads `engine_lost`, `out_of_memory`, … or an exit code.
    package init?(_ text: some StringProtocol) {
        if let code = Int(text), (1...255).contains(code) {
            self = .code(code)
        } else if let found = Self.words.first(where: { $0.1 == text }) {
            self = found.0
        } else {
            return nil
        }
    }

    func matches(_ exit: JobExit) -> Bool {
        switch self {
        case .engineLost: exit.reason == .engineFailure
        case .outOfMemory: exit.reason == .outOfMemory
        case .timedOut: exit.reason == .timedOut
        case .diskLimit: exit.reason == .diskLimit
        case .signalled: exit.reason == .signalled
        case .code(let code): exit.reason == .exited && exit.code == code
        }
    }
}

extension RetryCause: Codable {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text: String
        if let code = try? container.decode(Int.self) {
            text = "\(code)"
        } else {
            text = try container.decode(String.self)
        }
        guard let value = Self(text) else {
            throw DecodingError.dataCorruptedError(
                in: container,
                debugDescription: "this is no cause to try again: \(Self.names.joined(separator: ", ")) or 1 to 255")
        }
        self = value
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        if case .code(let code) = self {
            try container.encode(code)
        } else {
            try container.encode(Self.words.first { $0.0 == self }?.1 ?? "")
        }
    }
}
