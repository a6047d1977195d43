import RucheCore
import RucheHost
import RucheImages
package import SystemPackage

/// Writes a staged pipeline as a package file. Equal workbenches and files give equal bytes: entries are sorted, times
/// fixed, compressors set.
package struct PackageWriter: Sendable {
    private static let imageName = "lxc_image.tar.gz"
    private static let rootName = "rootfs.tar.gz"

    private let stage: PackagingStage
    /// For files on the way, as large as the root.
    private let scratch: FilePath

    package init(_ stage: PackagingStage, scratch: FilePath) {
        self.stage = stage
        self.scratch = scratch
    }

    /// Writes to `target`, which does not exist.
    package func write(_ format: PackageFormat, to target: FilePath) throws {
        switch format {
        case .lxd: try writeImage(to: target, withContract: true)
        case .zipLXD:
            let image = scratch.appending(Self.imageName)
            try writeImage(to: image, withContract: false)
            try writeArchive([Self.imageName: image], dockerfile: nil, to: target)
        case .zipDocker:
            let root = scratch.appending(Self.rootName)
            try compressRoot(to: root)
            try writeArchive([Self.rootName: root], dockerfile: dockerfile, to: target)
        case .oci: throw RucheError(.internalError, "a release as a file is written by the catalogue")
        }
    }

    private func writeArchive(_ files: [String: FilePath], dockerfile: String?, to target: FilePath) throws {
        var contents = files.mapValues { ZipWriter.Content.file($0) }
        for (name, path) in try documents() { contents[name] = .file(path) }
        let manifest = PackageManifestText(
            stage.recipe, isDocker: dockerfile != nil, documents: Set(try documents().keys))
        contents["manifest.json"] = .bytes(try manifest.bytes())
        if let dockerfile { contents["Dockerfile"] = .bytes(Array(dockerfile.utf8)) }
        if contents["form.json"] == nil { contents["form.json"] = .bytes([10]) }
        try ZipWriter.write(contents, to: target)
    }

    /// The form and the documents beside the recipe, by their names in the package.
    private func documents() throws -> [String: FilePath] {
        var result: [String: FilePath] = [:]
        for name in PackagingStage.documentNames {
            let path = stage.folder.appending(name)
            guard FileTree.exists(path) else { continue }
            guard try FileTree.kind(path) == .folder else {
                result[name] = path
                continue
            }
            for child in try FileTree.names(in: path) {
                if case .regular = try FileTree.kind(path.appending(child)) {
                    result["\(name)/\(child)"] = path.appending(child)
                }
            }
        }
        if let form = stage.recipe.pipeline?.form { result["form.json"] = stage.folder.pushing(FilePath(form)) }
        return result
    }

    private func compressRoot(to target: FilePath) throws {
        let writer = try ArchiveWriter(target, compression: .gzip)
        try copyRoot(to: writer, prefix: "")
        try writer.close()
    }

    private func writeImage(to target: FilePath, withContract: Bool) throws {
        let writer = try ArchiveWriter(target, compression: .gzip)
        let time = stage.record.created / 1000
        let kept = withContract ? try documents() : [:]
        let metadata = try PackageManifestText(stage.recipe, isDocker: false, documents: [])
            .imageMetadata(
                created: time, withContract: withContract, documents: kept.keys.sorted().map { Self.kept + $0 })
        try writer.add(
            ArchiveEntry(path: Array("metadata.yaml".utf8), kind: .regular, permissions: 0o644, modified: time),
            content: metadata)
        try writer.add(
            ArchiveEntry(path: Array("rootfs".utf8), kind: .folder, permissions: 0o755, modified: time))
        let (hasInit, folder) = try copyRoot(to: writer, prefix: "rootfs/")
        if !hasInit {
            // LXD starts /sbin/init; a minimal root has none.
            let entry = ArchiveEntry(
                path: Array("rootfs/\(folder)/init".utf8), kind: .regular, permissions: 0o755, modified: time)
            try writer.add(entry, content: Array(Self.initProgram.utf8))
        }
        try keep(kept, modified: time, in: writer)
        try writer.close()
    }

    /// Where an image keeps the form and the documents: a package that is an image has no other place.
    private static let kept = "/pipeline/package/"

    private func keep(_ files: [String: FilePath], modified time: Int64, in writer: ArchiveWriter) throws {
        let names = files.keys.sorted()
        let folders = Set(names.compactMap { $0.contains("/") ? String($0.prefix { $0 != "/" }) : nil })
        for folder in names.isEmpty ? [] : [""] + folders.sorted() {
            let path = FilePath("rootfs" + Self.kept + folder).string
            try writer.add(
                ArchiveEntry(path: Array(path.utf8), kind: .folder, permissions: 0o755, modified: time))
        }
        for name in names {
            guard let file = files[name] else { continue }
            let entry = ArchiveEntry(
                path: Array("rootfs\(Self.kept)\(name)".utf8), kind: .regular, permissions: 0o644, modified: time)
            try writer.add(entry, content: try AtomicFile.read(file))
        }
    }

    private static let initProgram = """
        #!/bin/sh
        trap "exit 0" TERM INT PWR
        while :; do sleep 3600 & wait $!; done

        """

    /// Copies the root's entries; tells whether it has an init, and in which folder one belongs.
    @discardableResult
    private func copyRoot(to writer: ArchiveWriter, prefix: String) throws -> (hasInit: Bool, folder: String) {
        let reader = try ArchiveReader(stage.root, compressions: [.none])
        let start = Array(prefix.utf8)
        var hasInit = false
        var folder = "sbin"
        while let entry = try reader.next() {
            let name = entry.name
            if name == "./" || name == "." || name.isEmpty { continue }
            hasInit = hasInit || name == "sbin/init" || name == "usr/sbin/init"
            if name == "sbin", entry.kind == .symbolicLink { folder = "usr/sbin" }
            var copy = entry
            copy.path = start + entry.path
            if entry.kind == .hardLink { copy.link = start + entry.link }
            try writer.add(copy)
            while let block = try reader.nextBlock() { try writer.write(block.bytes) }
        }
        return (hasInit, folder)
    }

    private var dockerfile: String {
        let recipe = stage.recipe
        var lines = ["FROM scratch", "ADD \(Self.rootName) /"]
        for (key, value) in recipe.env.sorted(by: { $0.key < $1.key }) {
            lines.append("ENV \(key)=\(Self.quoted(value))")
        }
        if let user = recipe.user { lines.append("USER \(user)") }
        if let folder = recipe.workdir { lines.append("WORKDIR \(folder)") }
        let words = ShellWords.split(recipe.pipeline?.job ?? "") ?? []
        lines.append("CMD [\(words.map(Self.quoted).joined(separator: ", "))]")
        return lines.joined(separator: "\n") + "\n"
    }

    private static func quoted(_ text: String) -> String {
        "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
    }
}
