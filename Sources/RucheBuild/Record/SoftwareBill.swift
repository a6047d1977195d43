package import RucheCore
import RucheImages

/// The bill of materials of a system that was not built here: what its own list of packages says.
package struct SoftwareBill: Sendable {
    package static let fileName = "sbom.spdx.json"
    private let packages: [InstalledPackages.Debian]

    /// `bytes` is dpkg's status file.
    package init(dpkgStatus bytes: [UInt8]) { packages = InstalledPackages.parseStatus(bytes) }

    package var count: Int { packages.count }

    /// The document (SPDX). The same list gives the same bytes.
    package func document(
        name: EnvironmentName, version: ReleaseVersion, subject: Digest, created: Int64
    ) throws -> [UInt8] {
        let document = SPDXDocument(
            name: name, version: version, license: nil, debian: packages, python: [], subject: subject,
            created: created)
        return try CanonicalJSON.encode(document)
    }
}
