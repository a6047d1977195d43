import RucheBuild
import RucheCore
import RucheHost
import RucheImages
import SystemPackage

/// Makes a release of a disk that comes from elsewhere.
struct DiskRelease: Sendable {
    let store: FileContentStore
    let runner: any CommandRunning

    func publish(
        _ path: FilePath, _ kind: DiskImporter.Kind, _ name: EnvironmentName, _ version: ReleaseVersion,
        _ architecture: String, in releases: FileReleaseStore, _ report: @escaping @Sendable (Double) -> Void
    ) async throws -> ImportedRelease {
        let imported = try await DiskImporter(store: store, runner: runner).importDisk(
            path, kind, architecture: architecture, report)
        let assembler = ReleaseAssembler(store: store)
        let guest = imported.guest
        let (descriptor, index) = try await assembler.index(
            name: name, version: version, manifests: [try await imported.disk.store(with: assembler)],
            annotations: Self.annotations(guest))
        var referrers: [Descriptor] = []
        let packages = guest.packages.map { SoftwareBill(dpkgStatus: $0) }
        if let packages {
            let bytes = try packages.document(
                name: name, version: version, subject: descriptor.digest, created: guest.changedAt)
            referrers.append(
                try await assembler.artifact(
                    type: MediaType.sbom,
                    payload: [(bytes: bytes, mediaType: MediaType.sbom, title: SoftwareBill.fileName)],
                    subject: descriptor))
        }
        let release = Release(
            name: name, version: version, digest: descriptor.digest, index: index, referrers: referrers,
            publishedAt: SystemTime.milliseconds() / 1000)
        try await releases.publish(release)
        var result = ImportedRelease(release: release)
        result.findings = findings(imported, packages?.count)
        return result
    }

    private static func annotations(_ guest: GuestInspection) -> [String: String] {
        guard let system = guest.system else { return [:] }
        let kernels = guest.kernels.isEmpty ? "" : ", kernel \(guest.kernels.joined(separator: ", "))"
        return [Annotation.imageDescription: system + kernels]
    }

    private func findings(_ imported: DiskImporter.Imported, _ packages: Int?) -> [String: JSONValue] {
        let guest = imported.guest
        var findings: [String: JSONValue] = [
            "architecture": .string(imported.disk.architecture), "capacity": .integer(imported.disk.capacity),
            "kernels": .array(guest.kernels.map { .string($0) }), "notes": .array(guest.notes.map { .string($0) }),
        ]
        if let system = guest.system { findings["system"] = .string(system) }
        if let packages { findings["packages"] = .integer(Int64(packages)) }
        return findings
    }
}
