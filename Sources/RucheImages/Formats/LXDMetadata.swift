/// What `metadata.yaml` of an LXD image says.
package struct LXDMetadata: Hashable, Sendable {
    /// OCI's name of the architecture (`amd64`).
    package var architecture: String
    package var os: String
    package var release: String
    package var variant: String
    package var description: String
    package var name: String
    /// `YYYYMMDD…`, sortable.
    package var serial: String

    package init(
        architecture: String, os: String, release: String, variant: String = "default", description: String,
        name: String, serial: String
    ) {
        self.architecture = architecture
        self.os = os
        self.release = release
        self.variant = variant
        self.description = description
        self.name = name
        self.serial = serial
    }

    /// The kernel's name of the architecture, which LXD wants.
    var kernelArchitecture: String {
        let names = [
            "amd64": "x86_64", "arm64": "aarch64", "386": "i686", "arm": "armv7l", "ppc64le": "ppc64le",
            "s390x": "s390x", "riscv64": "riscv64",
        ]
        return names[architecture] ?? architecture
    }

    /// JSON, which is YAML too and has one way to quote.
    func document(creationDate: Int64) throws -> [UInt8] {
        struct Document: Encodable {
            var architecture: String
            var creation_date: Int64
            var properties: [String: String]
            var templates: [String: String]
        }
        return try CanonicalJSON.encode(
            Document(
                architecture: kernelArchitecture, creation_date: creationDate,
                properties: [
                    "architecture": architecture, "description": description, "name": name, "os": os,
                    "release": release, "serial": serial, "variant": variant,
                ], templates: [:])) + [10]
    }
}
