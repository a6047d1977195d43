/// Reads the manifest of a package, in each of the three dialects that have one, and collects what is noticed.
///
/// Looseness of real packages is accepted and told of; what can't be right is an error.
package struct ManifestReader {
    /// What came of a reading; the manifest is nil with an error among the findings.
    package typealias Reading = (manifest: PackageManifest?, findings: [PackageFinding])

    let contents: PackageContents
    /// The owner that a package goes to whose name has none.
    let owner: String
    var findings: PackageFindings
    /// The fields by their present names, with the names they were written under.
    var fields: [String: (node: SourceNode, key: String)] = [:]
    /// The manifest's own place in its file.
    var place: Place?

    init(file: String, contents: PackageContents, owner: String) {
        self.contents = contents
        self.owner = owner
        findings = PackageFindings(file: file)
    }

    /// `manifest.json` beside an LXD image or a Dockerfile.
    package static func manifest(
        _ text: String, file: String, contents: PackageContents, owner: String
    ) -> Reading {
        let (root, read) = LenientJSON.parse(text, file: file)
        var reader = Self(file: file, contents: contents, owner: owner)
        for finding in read { reader.findings.add(finding) }
        guard let root else { return (nil, reader.findings.all) }
        return reader.read(root, path: "") { $0.archiveDialect() }
    }

    /// `metadata.yaml` of an LXD image, whose `pirus` mapping is the manifest. It may be JSON.
    package static func metadata(
        _ text: String, file: String, contents: PackageContents, owner: String
    ) -> Reading {
        var reader = Self(file: file, contents: contents, owner: owner)
        let isJSON = text.first { !$0.isWhitespace } == "{"
        let root: SourceNode?
        if isJSON {
            let (node, read) = LenientJSON.parse(text, file: file)
            root = node
            for finding in read { reader.findings.add(finding) }
        } else {
            let (node, problems) = YAMLSource.parse(text, file: file)
            root = node
            for problem in problems { reader.findings.add(PackageFinding(node == nil ? .error : .warning, problem)) }
        }
        guard let root else { return (nil, reader.findings.all) }
        guard let pirus = root.map?.first(where: { $0.key == "pirus" })?.value else {
            reader.findings.add(
                .error, root.place, "pirus", "required key is missing: this LXD image is no pipeline",
                allowed: "a mapping with name, job and the folders of the pipeline")
            return (nil, reader.findings.all)
        }
        let architecture = root.map?.first { $0.key == "architecture" }?.value.scalar
        var reading = reader.read(pirus, path: "pirus") { _ in .lxdImage }
        reading.manifest?.architecture = architecture.map { Self.architectures[$0] ?? $0 }
        return reading
    }

    /// OCI's name of the architecture that `metadata.yaml` of an LXD image says.
    package static func architecture(ofMetadata text: String) -> String? {
        let isJSON = text.first { !$0.isWhitespace } == "{"
        let root = isJSON ? LenientJSON.parse(text, file: "").root : YAMLSource.parse(text, file: "").root
        let word = root?.map?.first { $0.key == "architecture" }?.value.scalar
        return word.map { architectures[$0] ?? $0 }
    }

    /// The kernel's names, which LXD uses, as OCI's.
    private static let architectures = [
        "x86_64": "amd64", "aarch64": "arm64", "i686": "386", "armv7l": "arm", "i386": "386", "armhf": "arm",
    ]

    private mutating func read(
        _ root: SourceNode, path: String, dialect: (inout Self) -> PackageDialect?
    ) -> Reading {
        place = root.place
        guard let entries = root.map else {
            findings.add(.error, root.place, path, "has the wrong type", found: root.summary, allowed: "a map")
            return (nil, findings.all)
        }
        take(entries, path)
        let dialect = dialect(&self)
        let named = identity(isVersionRequired: dialect == .dockerfile)
        // What is wrong with the name must not hide what is wrong further down.
        guard let dialect, let name = named.name ?? EnvironmentName("local/unnamed"),
            let version = named.version ?? ReleaseVersion("0.0.0")
        else { return (nil, findings.all) }
        var manifest = PackageManifest(
            dialect: dialect, title: named.title ?? name.name, name: name, version: version)
        describe(&manifest)
        job(&manifest)
        folders(&manifest)
        documents(&manifest)
        return (findings.all.errors.isEmpty ? manifest : nil, findings.all)
    }

    /// Sorts the entries by what they mean; tells of keys that mean nothing.
    private mutating func take(_ entries: [SourceNode.Entry], _ path: String) {
        for entry in entries {
            let entryPath = SourceReader.join(path, entry.key)
            let alias = ManifestKeys.aliases.first { $0.value.contains(entry.key) }?.key
            let key = alias ?? entry.key
            if let reason = ManifestKeys.ignored[key] {
                let isAsked = entry.key == "regovar_db_access" && entry.value.boolean == true
                findings.add(isAsked ? .warning : .note, entry.keyPlace, entryPath, "has no effect: \(reason)")
                continue
            }
            guard ManifestKeys.read.contains(key) else {
                findings.add(
                    .warning, entry.keyPlace, entryPath, "unknown key, left out",
                    suggestion: Spelling.nearest(entry.key, among: ManifestKeys.all.sorted()))
                continue
            }
            if entry.value.isNull { continue }
            if alias != nil, entry.key != "contacts" {
                findings.add(.note, entry.keyPlace, entryPath, "is read as \"\(key)\"")
            }
            if let before = fields[key] {
                findings.add(
                    .warning, entry.keyPlace, entryPath, "says the same as \"\(before.key)\", which counts")
                // The present name wins over an older one, whatever comes first.
                if alias != nil { continue }
            }
            fields[key] = (entry.value, entryPath)
        }
    }

    /// LXD or Docker, by what lies in the archive and what the manifest says where both do.
    private mutating func archiveDialect() -> PackageDialect? {
        let technology = fields["type"]?.node.scalar.map { $0.lowercased() }
        if contents.image != nil, technology == "lxd" || !contents.hasDockerfile { return .lxdArchive }
        if contents.hasDockerfile {
            if technology == "lxd" {
                findings.add(
                    .error, fields["type"]?.node.place, "type", "is \"lxd\", and the package has no LXD image",
                    allowed: "\(PackageContents.imageNames[0]) beside the manifest")
                return nil
            }
            return .dockerfile
        }
        findings.add(
            .error, place, "", "the package has nothing to run",
            allowed: "\(PackageContents.imageNames[0]) or \(PackageContents.dockerfileName) beside the manifest")
        return nil
    }

    /// Text of one line; tells of anything else.
    mutating func text(_ key: String, limit: Int = 1024, isMultiline: Bool = false) -> String? {
        guard let (node, path) = fields[key] else { return nil }
        guard let text = node.scalar else {
            findings.add(.error, node.place, path, "has the wrong type", found: node.summary, allowed: "text")
            return nil
        }
        guard text.utf8.count <= limit, isMultiline || !text.contains(where: \.isNewline) else {
            findings.add(
                .error, node.place, path, "is too long, or of several lines", found: node.summary,
                allowed: "at most \(limit) bytes\(isMultiline ? "" : " on one line")")
            return nil
        }
        return text.isEmpty ? nil : text
    }

    private mutating func missing(_ key: String, _ severity: PackageFinding.Severity, _ message: String) {
        findings.add(severity, fields[key]?.node.place ?? place, key, message)
    }

    /// The name and version of the release that the package becomes.
    private mutating func identity(
        isVersionRequired: Bool
    ) -> (title: String?, name: EnvironmentName?, version: ReleaseVersion?) {
        let title = text("name", limit: 256)
        if title == nil { missing("name", .error, "required key is missing") }
        let name = title.flatMap { PackageNaming.name($0, owner: owner) }
        if let title, name == nil {
            findings.add(
                .error, fields["name"]?.node.place, "name", "nothing of it can be the name of a release",
                found: SourceNode.quoted(title), allowed: "a name with letters or digits of ASCII")
        }
        if let name, let title, name.description != title {
            findings.add(
                .note, fields["name"]?.node.place, "name", "\(SourceNode.quoted(title)) becomes \(name)")
        }
        return (title, name, version(isRequired: isVersionRequired))
    }

    private mutating func version(isRequired: Bool) -> ReleaseVersion? {
        guard let text = text("version", limit: 128) else {
            missing(
                "version", isRequired ? .error : .warning,
                isRequired
                    ? "required key is missing"
                    : "is not given: the package becomes version 0.0.0, and no other one can stand beside it")
            return isRequired ? nil : ReleaseVersion("0.0.0")
        }
        let version = PackageNaming.version(text)
        if version == nil {
            findings.add(
                .error, fields["version"]?.node.place, "version", "nothing of it can be a version",
                found: SourceNode.quoted(text), allowed: "a version such as 1.0.0")
        } else if let version, version.description != text {
            findings.add(
                .note, fields["version"]?.node.place, "version", "\(SourceNode.quoted(text)) becomes \(version)")
        }
        return version
    }
}
