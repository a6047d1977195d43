/// Documents of Docker's REST API that this project reads and writes; member names are the API's.
enum DockerAPI {
    struct Failure: Decodable {
        var message: String?
        /// Podman's own word for it.
        var cause: String?
    }

    struct Image: Decodable {
        var Id: String
    }

    struct Ended: Decodable {
        var StatusCode: Int
    }

    struct Listed: Decodable {
        var Names: [String]?
    }

    struct Machine: Decodable {
        var OSType: String?
        var ServerVersion: String?
        var MemoryLimit: Bool?
        var CpuCfsQuota: Bool?
        var PidsLimit: Bool?
        var SecurityOptions: [String]?
    }
}
