import RucheCore

/// A software bill of materials (SPDX 2.3, JSON).
///
/// The same content gives the same bytes: the time is the build's clamp time and the namespace a digest.
struct SPDXDocument: Codable {
    var spdxVersion = "SPDX-2.3"
    var dataLicense = "CC0-1.0"
    var SPDXID = "SPDXRef-DOCUMENT"
    var name: String
    var documentNamespace: String
    var creationInfo: CreationInfo
    var packages: [Package]
    var relationships: [Relationship]

    struct CreationInfo: Codable {
        var created: String
        var creators: [String]
    }

    struct Package: Codable {
        var SPDXID: String
        var name: String
        var versionInfo: String
        var downloadLocation = "NOASSERTION"
        var filesAnalyzed = false
        var licenseConcluded = "NOASSERTION"
        var licenseDeclared = "NOASSERTION"
        var copyrightText = "NOASSERTION"
        var supplier: String?
        var homepage: String?
        var externalRefs: [Reference]?
    }

    struct Reference: Codable {
        var referenceCategory = "PACKAGE-MANAGER"
        var referenceType = "purl"
        var referenceLocator: String
    }

    struct Relationship: Codable {
        var spdxElementId: String
        var relationshipType: String
        var relatedSpdxElement: String
    }

    init(recipe: Recipe, packages installed: InstalledPackages, subject: Digest, created: Int64) {
        self.init(
            name: recipe.name, version: recipe.version, license: recipe.license, debian: installed.debian,
            python: installed.python, subject: subject, created: created)
    }

    init(
        name environmentName: EnvironmentName, version: ReleaseVersion, license: String?,
        debian: [InstalledPackages.Debian], python: [InstalledPackages.Python], subject: Digest, created: Int64
    ) {
        name = "\(environmentName):\(version)"
        documentNamespace = "urn:ruche:sbom:\(subject)"
        creationInfo = CreationInfo(created: SnapshotTime.rfc3339(created), creators: ["Tool: ruche"])
        var environment = Package(
            SPDXID: "SPDXRef-environment", name: environmentName.description, versionInfo: version.description)
        environment.licenseDeclared = license ?? "NOASSERTION"
        let debian = debian.map(Self.package)
        let python = python.map(Self.package)
        packages = [environment] + debian + python
        relationships =
            [Relationship(spdxElementId: SPDXID, relationshipType: "DESCRIBES", relatedSpdxElement: environment.SPDXID)]
            + (debian + python).map {
                Relationship(
                    spdxElementId: environment.SPDXID, relationshipType: "CONTAINS", relatedSpdxElement: $0.SPDXID)
            }
    }

    private static func package(_ package: InstalledPackages.Debian) -> Package {
        var result = Package(
            SPDXID: identifier("deb-\(package.name)-\(package.architecture)"), name: package.name,
            versionInfo: package.version)
        // SPDX writes an address in round brackets (SPDX 2.3, 7.5).
        result.supplier = package.maintainer.map {
            "Organization: " + String($0.map { $0 == "<" ? "(" : $0 == ">" ? ")" : $0 })
        }
        result.homepage = package.homepage
        let version = escape(package.version)
        result.externalRefs = [
            Reference(
                referenceLocator: "pkg:deb/debian/\(escape(package.name))@\(version)?arch=\(package.architecture)")
        ]
        return result
    }

    private static func package(_ package: InstalledPackages.Python) -> Package {
        var result = Package(
            SPDXID: identifier("pypi-\(package.folder)-\(package.name)"), name: package.name,
            versionInfo: package.version)
        result.externalRefs = [Reference(referenceLocator: "pkg:pypi/\(package.name)@\(escape(package.version))")]
        return result
    }

    /// SPDX allows letters, digits, `.` and `-`; `+` is spelled out so that names stay apart, and any run of other
    /// bytes is one `-`.
    private static func identifier(_ text: String) -> String {
        var result = Array("SPDXRef-".utf8)
        var isInRun = false
        for byte in text.utf8 {
            switch byte {
            case 43:
                result += Array(".plus.".utf8)
                isInRun = false
            case 45, 46, 48...57, 65...90, 97...122:
                result.append(byte)
                isInRun = false
            default:
                if !isInRun { result.append(45) }
                isInRun = true
            }
        }
        return String(decoding: result, as: UTF8.self)
    }

    /// Percent-encodes what a package URL does not take.
    private static func escape(_ text: String) -> String {
        guard text.utf8.contains(where: { [37, 43, 58].contains($0) }) else { return text }
        return text.replacing("%", with: "%25").replacing("+", with: "%2B").replacing(":", with: "%3A")
    }
}
