import FoundationEssentials

extension DockerAPI {
    /// Answer of `GET /containers/ID/json`.
    struct Inspect: Decodable {
        struct State: Decodable {
            var Status: String
            var OOMKilled: Bool?
            var ExitCode: Int
            var Error: String?
            var Pid: Int32?
            var StartedAt: String?

            var isEnded: Bool { ["exited", "dead", "stopped"].contains(Status) }
            var runs: Bool { ["running", "paused", "stopping"].contains(Status) }
            /// Seconds since it was started the last time.
            var age: Double? {
                StartedAt.flatMap { DockerTime.seconds($0) }.map { Date().timeIntervalSince1970 - $0 }
            }
            /// It was started once.
            var hasBegun: Bool { StartedAt?.hasPrefix("0001") == false }
        }

        struct Config: Decodable {
            var Labels: [String: String]?
        }

        struct HostConfig: Decodable {
            var Memory: Int64?
            var PortBindings: [String: [Create.PortBinding]?]?
        }

        var Id: String
        var State: State
        var Config: Config
        var HostConfig: HostConfig?
    }

    /// Answer of `GET /containers/ID/stats`.
    struct Stats: Decodable {
        struct Usage: Decodable { var total_usage: UInt64? }
        struct CPU: Decodable { var cpu_usage: Usage? }
        struct Memory: Decodable {
            var usage: UInt64?
            var max_usage: UInt64?
            var limit: UInt64?
            var stats: [String: UInt64]?
        }
        struct Processes: Decodable { var current: UInt64? }
        struct Transfer: Decodable {
            var op: String
            var value: UInt64
        }
        struct Disk: Decodable { var io_service_bytes_recursive: [Transfer]? }

        var cpu_stats: CPU?
        var memory_stats: Memory?
        var pids_stats: Processes?
        var blkio_stats: Disk?
    }
}
