/// OCI image configuration (image specification 1.1, config.md); only what is written and read here.
package struct ImageConfig: Hashable, Sendable, Codable {
    package var created: String?
    package var author: String?
    package var architecture: String
    package var os: String
    package var config: Execution?
    package var rootfs: RootFS
    package var history: [History]?

    package init(architecture: String, os: String = "linux", rootfs: RootFS) {
        self.architecture = architecture
        self.os = os
        self.rootfs = rootfs
    }

    package struct Execution: Hashable, Sendable, Codable {
        package var User: String?
        package var Env: [String]?
        package var Entrypoint: [String]?
        package var Cmd: [String]?
        package var WorkingDir: String?
        package var Labels: [String: String]?
        package var ExposedPorts: [String: Empty]?
        package var StopSignal: String?
        package init() {}
    }

    package struct Empty: Hashable, Sendable, Codable {
        package init() {}
    }

    package struct RootFS: Hashable, Sendable, Codable {
        package var type: String
        package var diff_ids: [String]
        package init(diffIDs: [String]) {
            type = "layers"
            diff_ids = diffIDs
        }
    }

    package struct History: Hashable, Sendable, Codable {
        package var created: String?
        package var created_by: String?
        package var comment: String?
        package var empty_layer: Bool?
        package init(created: String? = nil, createdBy: String? = nil, comment: String? = nil, emptyLayer: Bool? = nil)
        {
            self.created = created
            created_by = createdBy
            self.comment = comment
            empty_layer = emptyLayer
        }
    }
}
