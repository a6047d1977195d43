import Glibc
import RucheCore
import RucheHost
import SystemPackage

/// What package systems say is in a finished root.
struct InstalledPackages: Hashable, Sendable {
    struct Debian: Hashable, Sendable, Codable {
        var name: String
        var version: String
        var architecture: String
        var maintainer: String?
        var homepage: String?
    }
    struct Python: Hashable, Sendable, Codable {
        var name: String
        var version: String
        var license: String?
        /// The folder that it is in, such as `/opt/venv/lib/python3.11/site-packages`.
        var folder: String
    }
    var debian: [Debian]
    var python: [Python]

    init(debian: [Debian], python: [Python]) {
        self.debian = debian
        self.python = python
    }

    /// Reads the mounted root of `layers` (lowest first). Sorted by name.
    init(root: FilePath, layers: [PythonPackages.Layer], cache: FilePath) throws {
        let status = try RootPath.read("/var/lib/dpkg/status", in: root, limit: 256 << 20) ?? []
        debian = Self.parseStatus(status)
        python = try PythonPackages(records: RecordFolder(folder: cache.appending("python"))).read(root, layers: layers)
    }

    /// Installed packages of a dpkg status file (deb-control(5)).
    static func parseStatus(_ bytes: [UInt8]) -> [Debian] {
        let wanted: Set = ["package", "version", "status", "architecture", "maintainer", "homepage"]
        return ControlFields.stanzas(bytes, wanted).compactMap { fields in
            guard let name = fields["package"], let version = fields["version"],
                fields["status"]?.hasSuffix(" installed") == true
            else { return nil }
            return Debian(
                name: name, version: version, architecture: fields["architecture"] ?? "all",
                maintainer: fields["maintainer"], homepage: fields["homepage"])
        }
        .sorted { ($0.name, $0.architecture) < ($1.name, $1.architecture) }
    }

    /// Every Python distribution below `root`, by folder and name.
    static func findPython(in root: FilePath) throws -> [Python] {
        var found: [Python] = []
        try search(root, "", depth: 0, &found)
        return found.sorted { ($0.folder, $0.name) < ($1.folder, $1.name) }
    }

    /// Whether a folder of this name holds distributions.
    static func isPythonFolder(_ name: String) -> Bool { name == "site-packages" || name == "dist-packages" }

    private static let skipped: Set<String> = [
        "/proc", "/sys", "/dev", "/run", "/tmp", "/usr/share", "/usr/lib/python3/dist-packages",
    ]
    private static let depthLimit = 24

    /// Debian's own folder is left out: dpkg knows what is in it.
    private static func search(_ folder: FilePath, _ path: String, depth: Int, _ found: inout [Python]) throws {
        guard depth < depthLimit, !skipped.contains(path), let directory = opendir(folder.string) else { return }
        defer { closedir(directory) }
        let isSite = path.split(separator: "/").last.map { isPythonFolder(String($0)) } ?? false
        while let entry = readdir(directory) {
            guard entry.pointee.d_type == UInt8(DT_DIR) else { continue }
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name == "." || name == ".." || name == "__pycache__" { continue }
            if isSite {
                guard name.hasSuffix(".dist-info") else { continue }
                if let distribution = try metadata(folder.appending(name), path) { found.append(distribution) }
            } else {
                try search(folder.appending(name), path + "/" + name, depth: depth + 1, &found)
            }
        }
    }

    private static func metadata(_ folder: FilePath, _ path: String) throws -> Python? {
        let file = folder.appending("METADATA")
        var status = stat()
        guard lstat(file.string, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_size < 16 << 20 else {
            return nil
        }
        let fields = ControlFields.header(try AtomicFile.read(file), ["name", "version", "license"])
        guard let name = fields["name"], let version = fields["version"] else { return nil }
        // Names compare as PEP 503 says.
        let normal = name.lowercased().split { "-_.".contains($0) }.joined(separator: "-")
        return Python(name: normal, version: version, license: fields["license"], folder: path)
    }

    var aptVersions: [String: String] {
        Dictionary(debian.map { ($0.name, $0.version) }) { first, _ in first }
    }

    var pipVersions: [String: [String: String]] {
        python.reduce(into: [:]) { $0[$1.folder, default: [:]][$1.name] = $1.version }
    }
}
