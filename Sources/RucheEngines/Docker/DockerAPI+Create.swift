extension DockerAPI {
    /// Body of `POST /containers/create`.
    struct Create: Encodable {
        struct BindOptions: Encodable {
            var Propagation = "rprivate"
        }

        struct Mount: Encodable {
            var type = "bind"
            var Source: String
            var Target: String
            var ReadOnly: Bool
            var BindOptions = Create.BindOptions()

            enum CodingKeys: String, CodingKey {
                case type = "Type"
                case Source, Target, ReadOnly, BindOptions
            }
        }

        struct Ulimit: Encodable {
            var Name: String
            var Soft: Int64
            var Hard: Int64
        }

        struct LogConfig: Encodable {
            var type: String
            var Config: [String: String]

            enum CodingKeys: String, CodingKey {
                case type = "Type"
                case Config
            }
        }

        /// An address and port of the daemon's machine.
        struct PortBinding: Codable {
            var HostIp: String
            var HostPort: String
        }

        struct Empty: Encodable {}

        struct HostConfig: Encodable {
            var Mounts: [Mount]
            var Tmpfs: [String: String]
            var NetworkMode: String
            var ReadonlyRootfs: Bool
            var CapDrop = ["ALL"]
            var CapAdd: [String]
            var SecurityOpt: [String]
            var GroupAdd: [String]
            var Memory: Int64?
            var MemorySwap: Int64?
            var NanoCpus: Int64?
            var PidsLimit: Int64
            var Ulimits: [Ulimit]
            var LogConfig: Create.LogConfig
            var PortBindings: [String: [PortBinding]]?
            var Sysctls: [String: String]?
        }

        var Image: String
        var Entrypoint: [String]
        var Cmd: [String]
        var Env: [String]
        var WorkingDir: String
        var User: String
        var Hostname: String
        var Labels: [String: String]
        var ExposedPorts: [String: Empty]?
        var HostConfig: Create.HostConfig
    }
}
