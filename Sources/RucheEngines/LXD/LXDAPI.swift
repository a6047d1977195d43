/// Documents of LXD's REST API that this project reads and writes; member names are the API's.
enum LXDAPI {
    /// What every answer is wrapped in.
    struct Answer<Metadata: Decodable>: Decodable {
        var metadata: Metadata
    }

    struct Failure: Decodable {
        var error: String?
    }

    struct Operation: Decodable {
        struct Result: Decodable {
            var fingerprint: String?
            /// Exit code of a program that was executed.
            var returned: Int?

            enum CodingKeys: String, CodingKey {
                case fingerprint
                case returned = "return"
            }
        }

        var id: String
        var status: String
        var err: String?
        var metadata: Result?
        var resources: [String: [String]]?
    }

    struct Server: Decodable {
        struct Environment: Decodable {
            var kernel_features: [String: String]?
            var server_clustered: Bool?
            /// Kinds of instances that it runs: `lxc | qemu`.
            var driver: String?
            var architectures: [String]?
        }

        /// `trusted` or `untrusted`.
        var auth: String
        var environment: Environment?
    }

    struct Instance: Decodable {
        var name: String
        var status: String
        var architecture: String?
        var profiles: [String]?
        private var settings: [String: String]?
        var devices: [String: [String: String]]?
        var last_used_at: String?

        /// Empty for one that LXD can't tell more about.
        var config: [String: String] { settings ?? [:] }

        enum CodingKeys: String, CodingKey {
            case name, status, architecture, profiles, devices, last_used_at
            case settings = "config"
        }
    }

    struct State: Decodable {
        struct Memory: Decodable {
            var usage: Int64?
            var usage_peak: Int64?
        }

        /// Less than zero where it can't be told.
        struct Processor: Decodable { var usage: Int64? }

        var pid: Int32?
        var processes: Int64?
        var cpu: Processor?
        var memory: Memory?
    }

    struct Image: Decodable {
        var fingerprint: String
        var properties: [String: String]?
    }

    /// A profile or a project.
    struct Configured: Decodable {
        var config: [String: String]?
        var devices: [String: [String: String]]?
    }

    struct Member: Decodable {
        var status: String
    }

    /// Body of `POST /1.0/instances`.
    struct Create: Encodable {
        struct Source: Encodable {
            var type = "image"
            var fingerprint: String
        }

        var name: String
        var type = "container"
        var source: Source
        var profiles: [String]
        var config: [String: String]
        var devices: [String: [String: String]]
    }

    /// Body of `PUT /1.0/instances/NAME`: all that it is to be.
    struct Replace: Encodable {
        var architecture: String?
        var profiles: [String]
        var config: [String: String]
        var devices: [String: [String: String]]
    }

    /// Body of `POST /1.0/instances/NAME/snapshots`.
    struct Snapshot: Encodable {
        var name: String
        var stateful = false
    }

    /// Body of `PUT /1.0/instances/NAME` that gives it back what it was.
    struct Restore: Encodable {
        var restore: String
    }

    /// Body of `PUT /1.0/instances/NAME/state`.
    struct Change: Encodable {
        var action: String
        var force = false
        var timeout = 30
    }

    /// Body of `POST /1.0/instances/NAME/exec`.
    struct Execute: Encodable {
        var command: [String]
        var user: UInt32
        var group: UInt32
        var interactive = false
        var waitForWebsocket = false

        enum CodingKeys: String, CodingKey {
            case command, user, group, interactive
            case waitForWebsocket = "wait-for-websocket"
        }
    }

    /// `metadata.yaml` of an image; JSON is YAML too.
    struct ImageMetadata: Encodable {
        var architecture: String
        var creation_date: Int64
        var properties: [String: String]
    }
}
