/// A package that an environment has in it.
package struct SoftwarePackage: Hashable, Sendable, Codable {
    package var name: String
    package var version: String
    /// Its package URL, such as `pkg:deb/debian/bwa@0.7.17-7?arch=amd64`.
    package var purl: String?

    package init(name: String, version: String, purl: String? = nil) {
        self.name = name
        self.version = version
        self.purl = purl
    }
}
