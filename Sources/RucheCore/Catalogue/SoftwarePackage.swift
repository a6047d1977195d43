/// A package that an environment has in it.
package struct SoftwarePackage: Hashable, Sendable, Codable {
    package var name: String
    package var version: String
    /// Its package URL, such as `pkg:deb/debian/bwa@0.7.17-7?arch=amd64`.
    package var purl: String?
    /// An SPDX licence expression, where it is known.
    package var license: String?

    package init(name: String, version: String, purl: String? = nil, license: String? = nil) {
        self.name = name
        self.version = version
        self.purl = purl
        self.license = license
    }
}
