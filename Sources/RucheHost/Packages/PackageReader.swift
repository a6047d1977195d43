package import RucheCore
package import SystemPackage

/// A package as it was read and checked, before anything of it is installed.
package struct PackageReader: Sendable {
    private static let manifestLimit = 1 << 20
    private static let documentLimit = 8 << 20

    package let archive: PackageArchive
    /// Nil with an error among the findings, and for a release as a file.
    package private(set) var manifest: PackageManifest?
    /// The form as the strict reader takes it.
    package private(set) var formText: String?
    package private(set) var form: Form?
    /// The documents that are there.
    package private(set) var documents: [PackageDocumentKind: [UInt8]] = [:]
    package private(set) var findings: [PackageFinding] = []

    /// Throws `invalid_archive` for what is no package at all; what is wrong in one is among the findings.
    package init(_ path: FilePath, owner: String) throws {
        archive = try PackageArchive(path)
        guard archive.layout != .ociArchive else { return }
        try readManifest(owner)
        if let manifest { try readParts(manifest) }
    }

    /// The problems that forbid an installation.
    package var errors: [Problem] { findings.errors }

    private mutating func readManifest(_ owner: String) throws {
        let name = archive.layout == .lxdImage ? "metadata.yaml" : PackageContents.manifestName
        let (files, _) = try archive.read([name], limit: Self.manifestLimit)
        guard let bytes = files[name] else {
            let problem = Problem(
                file: archive.manifestPath, path: "", message: "the manifest is too large or no plain file",
                allowed: "at most \(Self.manifestLimit) bytes")
            findings.append(PackageFinding(.error, problem))
            return
        }
        let (text, problem) = TextLimits.decode(bytes, file: archive.manifestPath)
        guard let text else {
            if let problem { findings.append(PackageFinding(.error, problem)) }
            return
        }
        let read = archive.layout == .lxdImage ? ManifestReader.metadata : ManifestReader.manifest
        let reading = read(text, archive.manifestPath, archive.contents, owner)
        findings += reading.findings
        manifest = reading.manifest
    }

    private mutating func readParts(_ manifest: PackageManifest) throws {
        let wanted = Set(manifest.documents.values + [manifest.form].compactMap(\.self))
        guard !wanted.isEmpty else { return }
        let (files, tooLarge) = try archive.read(wanted, limit: Self.documentLimit)
        for name in wanted.sorted() where files[name] == nil {
            let message =
                tooLarge.contains(name)
                ? "is over \(ByteCount(Int64(Self.documentLimit))), and is left out"
                : "is no plain file, and is left out"
            findings.append(PackageFinding(.warning, Problem(file: name, path: "", message: message)))
        }
        for (kind, name) in manifest.documents { documents[kind] = files[name] }
        guard let name = manifest.form, let bytes = files[name] else {
            self.manifest?.form = nil
            return
        }
        let (text, problem) = TextLimits.decode(bytes, file: name)
        guard let text else {
            if let problem { findings.append(PackageFinding(.error, problem)) }
            return
        }
        let read = PackageForm.read(text, file: name)
        findings += read.findings
        (formText, form) = (read.text, read.form)
    }
}
