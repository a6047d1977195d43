/// A recipe: how an environment is made (`ruche.yaml`, schema version 1).
///
/// This is the checked value. `RecipeParser` makes it from YAML and reports every problem with its place.
package struct Recipe: Hashable, Sendable, Codable {
    package var name: EnvironmentName
    package var version: ReleaseVersion
    package var summary: String?
    package var description: String?
    package var authors: [Author] = []
    package var license: String?
    package var keywords: [String] = []
    package var homepage: String?
    package var from: BaseReference
    /// Debian mirror and snapshot for `from: debian:…` and for apt steps; nil means the builder's default.
    package var mirror: String?
    package var snapshot: String?
    /// Days before a cached `debian:` base is made again; nil means the builder's default (30).
    package var baseMaxAge: Int?
    package var architectures: [String] = ["amd64"]
    package var steps: [Step] = []
    package var env: [String: String] = [:]
    package var workdir: String?
    package var user: String?
    package var labels: [String: String] = [:]
    /// Shell commands run in the finished environment; the first that fails fails the build.
    package var tests: [String] = []
    package var pipeline: PipelineContract?
    package var service: ServiceContract?
    package var machine: MachineContract?
    /// How the template of a `packer:` base is built.
    package var packer: PackerContract?
    package var variants: [VariantFormat] = [.oci]

    package init(name: EnvironmentName, version: ReleaseVersion, from: BaseReference) {
        self.name = name
        self.version = version
        self.from = from
    }

    package struct Author: Hashable, Sendable, Codable {
        package var name: String
        package var orcid: String?
        package var email: String?
        package init(name: String, orcid: String? = nil, email: String? = nil) {
            self.name = name
            self.orcid = orcid
            self.email = email
        }
    }
}
