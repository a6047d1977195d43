import Foundation
import RucheBuild
import RucheCore
import RucheImages

extension ReleaseReader {
    /// Bytes of a document that is read for a page. Whoever pushes a release may bring any.
    private static let evidenceLimit = 16 << 20

    /// Of several documents of a kind the first, which is the one that its address gives.
    func evidence(of release: Release) async throws -> ReleaseEvidence {
        var evidence = ReleaseEvidence()
        var read: Set<ArtifactKind> = []
        for artifact in try await artifacts(of: release) where read.insert(artifact.kind).inserted {
            let digest = artifact.blob.digest
            switch artifact.kind {
            case .recipe: evidence.recipe = digest
            case .lock:
                evidence.lock = digest
                guard let files = await document(BuildLock.self, digest)?.files else { continue }
                evidence.sourceCount = files.count
                evidence.sources = files.sorted { $0.key < $1.key }.prefix(ReleaseEvidence.listLimit)
                    .map { (path: $0.key, digest: $0.value) }
            case .sbom:
                let packages = await packages(in: digest, limit: Self.evidenceLimit)
                evidence.packageCount = packages?.count ?? 0
                evidence.packages = packages.map { Array($0.prefix(ReleaseEvidence.listLimit)) }
            case .provenance:
                evidence.provenance = await document(Provenance.self, digest)
            case .log: continue
            }
        }
        return evidence
    }

    private func document<T: Decodable>(_ type: T.Type, _ digest: Digest) async -> T? {
        guard let bytes = try? await content.data(digest, limit: Self.evidenceLimit) else { return nil }
        return try? JSONDecoder().decode(type, from: Data(bytes))
    }
}
