import RucheBuild
import RucheCore
import RucheImages
import Synchronization

/// What was read of releases for their pages, as long as it has room, the last that were asked for: digests always say
/// the same.
final class EvidenceMemory: Sendable {
    struct Key: Hashable, Sendable {
        private let release: Digest
        private let referrers: [Digest]

        init(_ release: Release) {
            self.release = release.digest
            referrers = release.referrers.map(\.digest)
        }
    }

    private struct Entry {
        var evidence: ReleaseEvidence
        var bytes: Int
        /// When it was asked for last.
        var turn: Int
    }

    private struct State {
        var entries: [Key: Entry] = [:]
        var bytes = 0
        var turn = 0
    }

    private let limit: Int
    private let state = Mutex(State())

    /// `limit` is about the bytes that it takes; the last one is kept also when it alone has more.
    init(limit: Int = 32 << 20) { self.limit = limit }

    func evidence(_ key: Key) -> ReleaseEvidence? {
        state.withLock { state in
            state.turn += 1
            state.entries[key]?.turn = state.turn
            return state.entries[key]?.evidence
        }
    }

    func keep(_ evidence: ReleaseEvidence, _ key: Key) {
        let bytes = evidence.bytes
        state.withLock { state in
            state.turn += 1
            state.bytes += bytes - (state.entries[key]?.bytes ?? 0)
            state.entries[key] = Entry(evidence: evidence, bytes: bytes, turn: state.turn)
            while state.bytes > limit, state.entries.count > 1,
                let oldest = state.entries.min(by: { $0.value.turn < $1.value.turn })
            {
                state.entries[oldest.key] = nil
                state.bytes -= oldest.value.bytes
            }
        }
    }
}

extension ReleaseEvidence {
    /// About what it takes in memory.
    fileprivate var bytes: Int {
        let row = 200
        var bytes = 2000
        for package in packages ?? [] {
            let texts = [package.name, package.version, package.purl ?? "", package.license ?? ""]
            bytes += texts.reduce(row) { $0 + $1.utf8.count }
        }
        for source in sources { bytes += row + source.path.utf8.count }
        guard let provenance else { return bytes }
        for step in provenance.steps { bytes += row + step.title.utf8.count }
        for (name, version) in provenance.tools { bytes += row + name.utf8.count + version.utf8.count }
        let base = provenance.base
        let texts = [
            provenance.startedAt, provenance.finishedAt, provenance.kernel, provenance.architecture, base.reference,
            base.mirror ?? "", base.snapshot ?? "", base.packer?.version ?? "", base.packer?.builder ?? "",
        ]
        return texts.reduce(bytes + row * base.layers.count) { $0 + $1.utf8.count }
    }
}
