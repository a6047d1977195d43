import Foundation
import RucheBuild
package import RucheCore
package import RucheImages

/// What the documents of a release say, for the search.
extension ReleaseReader {
    func searchSource(of release: Release) async throws -> (source: SearchSource, packages: [String]) {
        var source = SearchSource()
        if let recipe = try ReleaseAnnotation.recipe(of: release) {
            source.summary = recipe.summary
            source.description = recipe.description
            source.license = recipe.license
            source.authors = recipe.authors.map(\.name)
            source.keywords = recipe.keywords
            source.software = recipe.namedPackages
        }
        let annotations = release.index.annotations ?? [:]
        source.description = source.description ?? annotations[Annotation.imageDescription]
        source.license = source.license ?? annotations[Annotation.imageLicenses]
        source.revokedReason = release.revocation?.reason
        let variants = try await variants(of: release)
        source.providers = Self.unique(variants.map { $0.provider ?? $0.format })
        source.formats = Self.unique(variants.map(\.format))
        source.architectures = Self.unique(variants.map { $0.architecture == "386" ? "i386" : $0.architecture })
        let packages = try await packages(of: release)
        source.os =
            Self.system(packages)
            ?? Self.unique(
                release.index.manifests.filter { $0.artifactType == nil }.compactMap { $0.platform?.os })
        return (source, packages.map { "\($0.name)=\($0.version)" })
    }

    /// What the bill of materials of a release lists; nothing where there is none, or one that can't be read.
    package func packages(of release: Release) async throws -> [SoftwarePackage] {
        guard let artifact = try await artifacts(of: release).first(where: { $0.kind == .sbom }) else { return [] }
        return (try? await content.data(artifact.blob.digest, limit: 64 << 20)).flatMap { Self.packages(inBill: $0) }
            ?? []
    }

    /// What a bill of materials lists, by name; nil for what is none.
    static func packages(inBill bytes: [UInt8]) -> [SoftwarePackage]? {
        guard let document = try? JSONDecoder().decode(BillOfMaterials.self, from: Data(bytes)) else { return nil }
        let described = Set(
            (document.relationships ?? []).filter { $0.relationshipType == "DESCRIBES" }.map(\.relatedSpdxElement))
        return document.packages.filter { !described.contains($0.SPDXID) && !$0.name.isEmpty }
            .map { SoftwarePackage(name: $0.name, version: $0.versionInfo ?? "", purl: $0.purl, license: $0.license) }
            .sorted { ($0.name, $0.version) < ($1.name, $1.version) }
    }

    private struct BillOfMaterials: Decodable {
        var packages: [Package]
        var relationships: [Relationship]?

        struct Package: Decodable {
            var SPDXID: String
            var name: String
            var versionInfo: String?
            var externalRefs: [Reference]?
            var licenseConcluded: String?
            var licenseDeclared: String?
            var purl: String? { externalRefs?.first { $0.referenceType == "purl" }?.referenceLocator }
            /// What was found, or else what the package says of itself.
            var license: String? {
                [licenseConcluded, licenseDeclared].compactMap(\.self).first {
                    !["", "NOASSERTION", "NONE"].contains($0)
                }
            }
        }
        struct Reference: Decodable {
            var referenceType: String
            var referenceLocator: String
        }
        struct Relationship: Decodable {
            var relationshipType: String
            var relatedSpdxElement: String
        }
    }

    /// Debian says which one it is by the version of one package that every system has.
    private static func system(_ packages: [SoftwarePackage]) -> [String]? {
        guard let base = packages.first(where: { $0.name == "base-files" }) else { return nil }
        if base.version.contains("ubuntu") { return ["ubuntu"] }
        let major = base.version.prefix { $0.isNumber }
        return major.isEmpty ? ["debian"] : ["debian", "debian \(major)"]
    }

    private static func unique(_ values: [String]) -> [String] { Array(Set(values)).sorted() }
}

extension Recipe {
    /// Names of the packages that its steps ask for.
    fileprivate var namedPackages: [String] {
        let texts = steps.flatMap { step in
            switch step {
            case .apt(let step): step.packages
            case .pip(let step): step.packages
            case .copy, .shell, .ansible: [String]()
            }
        }
        let names = texts.map { text in
            String(text.prefix { $0.isLetter || $0.isNumber || "._+-".contains($0) })
        }
        return Array(Set(names.filter { !$0.isEmpty })).sorted()
    }
}
