import Foundation
import RucheBuild
import RucheCore
import RucheHost
import SystemPackage

/// An old package as the folder of a recipe.
struct PackageMigration {
    let reader: PackageReader
    let manifest: PackageManifest
    /// What could not be carried over, a sentence each.
    private(set) var losses: [String] = []

    init(reader: PackageReader, manifest: PackageManifest) {
        self.reader = reader
        self.manifest = manifest
    }

    mutating func write(to folder: FilePath) throws {
        var lines = head()
        var job = manifest.job
        switch manifest.dialect {
        case .lxdImage, .lxdArchive:
            try writeRoot(in: folder)
            lines.append("from: tar:rootfs.tar")
        case .dockerfile: lines += try dockerfile(folder, &job)
        case .release: break
        }
        if let text = reader.formText { try write(Array(text.utf8), "form.json", in: folder) }
        for (kind, bytes) in reader.documents { try write(bytes, name(of: kind), in: folder) }
        if !reader.documents.isEmpty { losses.append("documents lie beside the recipe; a build does not keep them") }
        lines += pipeline(job)
        try write(Array((lines.joined(separator: "\n") + "\n").utf8), "ruche.yaml", in: folder)
    }

    private mutating func head() -> [String] {
        var lines = ["ruche: 1", "name: \(manifest.name)", "version: \(Self.quoted(manifest.version.description))"]
        if let summary = manifest.summary { lines.append("summary: \(Self.quoted(summary))") }
        if let license = manifest.license {
            if LicenseExpression.fault(in: license) == nil {
                lines.append("license: \(license)")
            } else {
                losses.append("the licence \"\(license)\" is no SPDX expression")
            }
        }
        if !manifest.authors.isEmpty {
            lines.append("authors:")
            lines += manifest.authors.map { author in
                let email = author.email.map { ", email: \(Self.quoted($0))" } ?? ""
                return "  - {name: \(Self.quoted(author.name))\(email)}"
            }
        }
        if manifest.kind != .job { losses.append("the kind \(manifest.kind.rawValue): every pipeline is a job here") }
        return lines
    }

    private func writeRoot(in folder: FilePath) throws {
        if manifest.dialect == .lxdImage {
            try FileTree.makeFolder(folder)
            try RootTarball.write(of: reader.archive.path, to: folder.appending("rootfs.tar"))
            return
        }
        // Everything of the package, of which the image is then taken apart.
        try reader.archive.extract(to: folder)
        let image = folder.appending(reader.archive.contents.image ?? PackageContents.imageNames[0])
        try RootTarball.write(of: image, to: folder.appending("rootfs.tar"))
        try FileTree.remove(image)
        try FileTree.remove(folder.appending(PackageContents.manifestName))
    }

    private mutating func dockerfile(_ folder: FilePath, _ job: inout String?) throws -> [String] {
        try reader.archive.extract(to: folder)
        let path = folder.appending(PackageContents.dockerfileName)
        let translation = DockerfileTranslation(
            String(decoding: try AtomicFile.read(path, limit: 1 << 20), as: UTF8.self))
        try FileTree.remove(folder.appending(PackageContents.manifestName))
        losses += translation.losses
        job = job ?? translation.job.map { PackageCommandLine.join($0) }
        if job == nil { losses.append("the Dockerfile names no command: write pipeline.job") }
        var lines = ["from: \(translation.from ?? "oci:base.tar")"]
        if !translation.steps.isEmpty { lines.append("steps:") }
        for step in translation.steps {
            switch step {
            case .run(let text): lines.append("  - shell: {run: \(Self.quoted(text)), network: true}")
            case .copy(let from, let to):
                lines.append("  - copy: {from: \(Self.quoted(from)), to: \(Self.quoted(to))}")
            }
        }
        if !translation.environment.isEmpty { lines.append("env:") }
        lines += translation.environment.map { "  \($0.0): \(Self.quoted($0.1))" }
        if let user = translation.user { lines.append("user: \(Self.quoted(user))") }
        if let workdir = translation.workdir { lines.append("workdir: \(Self.quoted(workdir))") }
        return lines
    }

    private func pipeline(_ job: String?) -> [String] {
        var lines = ["pipeline:", "  job: \(Self.quoted(job ?? "/bin/true"))"]
        let folders = [
            ("inputs", manifest.inputs), ("outputs", manifest.outputs), ("logs", manifest.logs),
            ("databases", manifest.databases),
        ]
        lines += folders.map { "  \($0.0): \(Self.quoted($0.1))" }
        if reader.formText != nil { lines.append("  form: form.json") }
        return lines
    }

    private func name(of kind: PackageDocumentKind) -> String {
        guard manifest.dialect == .lxdImage, let path = manifest.documents[kind] else {
            return manifest.documents[kind] ?? kind.rawValue
        }
        return "doc/" + (path.split(separator: "/").last.map(String.init) ?? kind.rawValue)
    }

    private func write(_ bytes: [UInt8], _ name: String, in folder: FilePath) throws {
        let path = folder.pushing(FilePath(name))
        try FileTree.makeFolder(path.removingLastComponent())
        try AtomicFile.write(bytes, to: path)
    }

    /// Text as JSON has it, which YAML reads too.
    private static func quoted(_ text: String) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.withoutEscapingSlashes]
        // A string always encodes.
        return (try? encoder.encode(text)).map { String(decoding: $0, as: UTF8.self) } ?? "\"\""
    }
}
