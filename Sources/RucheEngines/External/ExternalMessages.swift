import RucheCore
import RucheHost

/// The documents of the protocol that external engines speak; `docs/engine-protocol.md` describes each member.
enum ExternalMessages {
    static let version = 1

    struct Request<Parameters: Encodable>: Encodable {
        var id: Int
        var method: String
        var params: Parameters
    }

    /// What every line of a program is looked at as first.
    struct Envelope: Decodable {
        var id: Int?
        var event: String?
        var container: String?
        var error: Failure?
    }

    struct Failure: Decodable {
        var code: String
        var message: String
    }

    struct Answer<Result: Decodable>: Decodable {
        var result: Result
    }

    struct Hello: Encodable {
        var protocolVersion = ExternalMessages.version
        var engine: String
        var data: String
        var consoleLogLimit: Int64

        enum CodingKeys: String, CodingKey {
            case protocolVersion = "protocol"
            case engine, data
            case consoleLogLimit = "console_log_limit"
        }
    }

    struct Welcome: Decodable {
        var protocolVersion: Int
        var capabilities: [String]
        /// `layers` (what is meant without it) or `archive`.
        var image: String?
        /// Events the program sends by itself: `exited`.
        var events: [String]?

        enum CodingKeys: String, CodingKey {
            case protocolVersion = "protocol"
            case capabilities, image, events
        }
    }

    struct Nothing: Codable {}

    struct Container: Encodable {
        var container: String
    }

    struct Signal: Encodable {
        var container: String
        var signal: Int32
    }

    struct Image: Encodable {
        var digest: String
        var layers: [String]?
        var archive: String?
    }

    struct Presence: Decodable {
        var present: Bool
    }

    struct Findings: Decodable {
        var findings: [EngineFinding]
    }

    struct Containers: Decodable {
        var containers: [String]
    }

    struct State: Decodable {
        var state: String
        var exit: Exit?
    }

    struct Exit: Decodable {
        var code: Int
        var outOfMemory: Bool?
        var timedOut: Bool?
        var lost: String?

        enum CodingKeys: String, CodingKey {
            case code, lost
            case outOfMemory = "out_of_memory"
            case timedOut = "timed_out"
        }
    }

    struct Stats: Decodable {
        var cpuNanoseconds: UInt64
        var memoryBytes: UInt64
        var memoryPeakBytes: UInt64?
        var memoryLimitBytes: UInt64?
        var processes: UInt64?
        var readBytes: UInt64?
        var writtenBytes: UInt64?

        enum CodingKeys: String, CodingKey {
            case processes
            case cpuNanoseconds = "cpu_nanoseconds"
            case memoryBytes = "memory_bytes"
            case memoryPeakBytes = "memory_peak_bytes"
            case memoryLimitBytes = "memory_limit_bytes"
            case readBytes = "read_bytes"
            case writtenBytes = "written_bytes"
        }
    }
}
