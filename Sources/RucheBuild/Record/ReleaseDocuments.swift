import Glibc
import RucheCore
import RucheHost
import RucheImages
import SystemPackage

/// The artifacts that refer to a release: recipe, lock, SBOM, log, provenance.
struct ReleaseDocuments {
    let finisher: BuildFinisher
    let assembler: ReleaseAssembler
    /// The release's index.
    let subject: Descriptor

    private var builder: Builder { finisher.builder }
    private var recipe: Recipe { finisher.request.recipe }

    func write(
        _ contents: BuildFinisher.Contents, layers: [LayerRecord], reused: [Bool], started: Int64
    ) async throws -> [Descriptor] {
        let created = finisher.setting.clampTime
        let sbom = SPDXDocument(
            recipe: recipe, packages: contents.packages, subject: subject.digest, created: created)
        let provenance = provenance(layers, reused, started: started, contents)
        return [
            try await assembler.artifact(
                type: MediaType.recipe, layers: [contents.recipeFolder], subject: subject),
            try await document(MediaType.lock, "ruche.lock.json", try CanonicalJSON.encode(contents.lock)),
            try await document(MediaType.sbom, "sbom.spdx.json", try CanonicalJSON.encode(sbom)),
            try await document(MediaType.provenance, "provenance.json", try CanonicalJSON.encode(provenance)),
            try await document(MediaType.buildLog, "build.log", finisher.journal.log),
        ]
    }

    /// Stores the tar of the recipe's folder.
    static func recipeFolder(
        _ folder: FilePath, clampTime: Int64, in store: any ContentStore
    ) async throws -> Descriptor {
        // The folder is not ours to change: it is archived with the times it has, none of them late.
        let blob = try await LayerArchiver(clampsFolder: false).write(
            folder: folder, clampTime: clampTime, to: store)
        return Descriptor(
            mediaType: MediaType.recipe, digest: blob.digest, size: blob.size.bytes,
            annotations: [Annotation.title: "recipe.tar"])
    }

    private func document(_ type: String, _ name: String, _ bytes: [UInt8]) async throws -> Descriptor {
        try await assembler.artifact(
            type: type, payload: [(bytes: bytes, mediaType: type, title: name)], subject: subject)
    }

    private func provenance(
        _ layers: [LayerRecord], _ reused: [Bool], started: Int64, _ contents: BuildFinisher.Contents
    ) -> Provenance {
        let below = layers.count - reused.count
        let steps = layers.enumerated().map { offset, layer in
            Provenance.Step(
                title: layer.title, digest: layer.diffID, seconds: layer.seconds,
                reused: offset < below || reused[offset - below])
        }
        var system = utsname()
        uname(&system)
        let kernel = withUnsafePointer(to: &system.release) {
            $0.withMemoryRebound(to: CChar.self, capacity: 65) { String(cString: $0) }
        }
        return Provenance(
            startedAt: SnapshotTime.rfc3339(started), finishedAt: SnapshotTime.rfc3339(builder.now()),
            base: contents.lock.base, tools: contents.tools, kernel: kernel,
            architecture: builder.configuration.architecture, steps: steps)
    }
}
