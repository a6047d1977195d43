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
                guard let files = await document(BuildLock.self, digest, &evidence)?.files else { continue }
                evidence.sourceCount = files.count
                evidence.sources = files.sorted { $0.key < $1.key }.prefix(ReleaseEvidence.listLimit)
                    .map { (path: $0.key, digest: $0.value) }
            case .sbom:
                let packages = await bytes(digest, &evidence).flatMap { Self.packages(inBill: $0) }
                evidence.packageCount = packages?.count ?? 0
                evidence.packages = packages.map { Array($0.prefix(ReleaseEvidence.listLimit)) }
            case .provenance:
                evidence.provenance = await document(Provenance.self, digest, &evidence)
            case .log: continue
            }
        }
        return evidence
    }

    private func document<T: Decodable>(
        _ type: T.Type, _ digest: Digest, _ evidence: inout ReleaseEvidence
    ) async -> T? {
        await bytes(digest, &evidence).flatMap { try? JSONDecoder().decode(type, from: Data($0)) }
    }

    /// Nil for what is too long, which it stays, and for what can't be read now.
    private func bytes(_ digest: Digest, _ evidence: inout ReleaseEvidence) async -> [UInt8]? {
        do { return try await content.data(digest, limit: Self.evidenceLimit) } catch {
            if (error as? RucheError)?.code != .invalidInput { evidence.isWhole = false }
            return nil
        }
    }
}
