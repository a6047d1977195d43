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
        lock: BuildLock, packages: InstalledPackages, layers: [LayerRecord], reused: [Bool], started: Int64
    ) async throws -> [Descriptor] {
        let created = finisher.setting.clampTime
        let sbom = SPDXDocument(recipe: recipe, packages: packages, subject: subject.digest, created: created)
        let provenance = try await provenance(layers, reused, started: started, base: lock.base)
        var result = [try await recipeFolder()]
        result.append(try await document(MediaType.lock, "ruche.lock.json", try CanonicalJSON.encode(lock)))
        result.append(try await document(MediaType.sbom, "sbom.spdx.json", try CanonicalJSON.encode(sbom)))
        result.append(
            try await document(MediaType.provenance, "provenance.json", try CanonicalJSON.encode(provenance)))
        result.append(try await document(MediaType.buildLog, "build.log", finisher.journal.log))
        return result
    }

    private func document(_ type: String, _ name: String, _ bytes: [UInt8]) async throws -> Descriptor {
        try await assembler.artifact(
            type: type, payload: [(bytes: bytes, mediaType: type, title: name)], subject: subject)
    }

    private func recipeFolder() async throws -> Descriptor {
        // The folder is not ours to change: it is archived with the times it has, none of them late.
        let blob = try await LayerArchiver(clampsFolder: false).write(
            folder: finisher.request.folder, clampTime: finisher.setting.clampTime, to: builder.store)
        let layer = Descriptor(
            mediaType: MediaType.recipe, digest: blob.digest, size: blob.size.bytes,
            annotations: [Annotation.title: "recipe.tar"])
        return try await assembler.artifact(type: MediaType.recipe, layers: [layer], subject: subject)
    }

    private func provenance(
        _ layers: [LayerRecord], _ reused: [Bool], started: Int64, base: BuildLock.Base
    ) async throws -> Provenance {
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
            startedAt: SnapshotTime.rfc3339(started), finishedAt: SnapshotTime.rfc3339(builder.now()), base: base,
            tools: await tools(), kernel: kernel, architecture: builder.configuration.architecture, steps: steps)
    }

    private func tools() async -> [String: String] {
        var result: [String: String] = [:]
        var used = [Tool.runc]
        if case .debian = recipe.from { used.append(.mmdebstrap) }
        if recipe.variants.contains(.lxd) { used.append(.mksquashfs) }
        if recipe.steps.contains(where: { $0.kind == "ansible" }) { used.append(.ansiblePlaybook) }
        for tool in used {
            let option = tool == .mksquashfs ? "-version" : "--version"
            // A tool that does not tell its version is not worth a failed build.
            guard let output = try? await builder.runner.run(Command(tool.name, [option]), onLine: nil).output else {
                continue
            }
            result[tool.name] = output.split(separator: "\n").first.map(String.init)
        }
        return result
    }
}
