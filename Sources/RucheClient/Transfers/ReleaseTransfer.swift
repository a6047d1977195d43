import NIOCore
package import RucheCore
package import RucheWire
import Synchronization

/// Copies releases from one site to another, blob by blob, several at a time. What the other side has does not travel,
/// and what broke off goes on where it was: the side that receives remembers, not this one.
package struct ReleaseTransfer: Sendable {
    /// What was done.
    package struct Outcome: Codable, Hashable, Sendable {
        package var release: String
        package var digest: Digest
        /// Blobs that travelled, and their bytes.
        package var blobs: Int
        package var bytes: Int64

        init(release: String, digest: Digest, blobs: Int, bytes: Int64) {
            self.release = release
            self.digest = digest
            self.blobs = blobs
            self.bytes = bytes
        }
    }

    /// Attempts that bring not one byte further before a transfer is given up.
    private static let fruitless = 9
    private let source: APIClient
    private let target: APIClient
    private let width: Int
    package var retryDelay = Duration.milliseconds(200)

    /// At most `width` blobs travel at a time.
    package init(from source: APIClient, to target: APIClient, width: Int = 4) {
        self.source = source
        self.target = target
        self.width = max(1, width)
    }

    /// Copies a release whole. `change` sees the document before it is published. Throws `gone` for one that is
    /// revoked. `onProgress` is told of bytes done and in all.
    package func copy(
        _ reference: ReleaseReference, change: (inout TransferDocument) -> Void = { _ in },
        onProgress: @escaping @Sendable (_ done: Int64, _ total: Int64) -> Void
    ) async throws -> Outcome {
        var offer = try await source.offer(reference)
        let release = "\(offer.name):\(offer.version)"
        if let reason = offer.revokedReason {
            throw RucheError(.gone, "\(release) is revoked: \(reason)", details: ["reason": reason])
        }
        let missing = Set(try await target.missing(offer.blobs.map(\.digest), in: offer.name))
        // Large ones first: at the end nobody waits for one alone.
        let blobs = offer.blobs.filter { missing.contains($0.digest) }.sorted { $0.size > $1.size }
        let progress = TransferProgress(total: blobs.reduce(0) { $0 + $1.size }, onProgress)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (index, blob) in blobs.enumerated() {
                if index >= width { try await group.next() }
                let name = offer.name
                group.addTask { try await copy(blob, of: name, progress) }
            }
            try await group.waitForAll()
        }
        change(&offer)
        offer.blobs = []
        try await target.publish(offer)
        return Outcome(release: release, digest: offer.digest, blobs: blobs.count, bytes: progress.travelled)
    }

    private func copy(
        _ blob: TransferDocument.Blob, of name: EnvironmentName, _ progress: TransferProgress
    ) async throws {
        var (attempts, furthest) = (0, Int64(-1))
        while true {
            do {
                let state = try await target.blobState(blob.digest, in: name)
                if state.offset > furthest { attempts = 0 }
                furthest = max(furthest, state.offset)
                progress.start(blob.digest, at: state.offset)
                if state.isComplete { return }
                let start = state.offset
                let next = try await source.blob(blob.digest, size: blob.size, from: start, of: name)
                let upload = Upload(
                    length: max(0, blob.size - start), onProgress: { progress.set(blob.digest, to: start + $0) },
                    next: next)
                let reached = try await target.sendBlob(
                    blob.digest, size: blob.size, from: start, in: name, upload)
                if reached.isComplete { return }
            } catch let error as RucheError where Self.isBreak(error) && attempts < Self.fruitless {
                attempts += 1
                if error.code == .checksumMismatch { furthest = -1 }
                if error.code == .checksumMismatch, attempts > 1 { throw error }
                try await Task.sleep(for: retryDelay * (1 << min(attempts, 6)))
            }
        }
    }

    /// What may be over when it is asked again.
    private static func isBreak(_ error: RucheError) -> Bool {
        [.serverUnavailable, .conflict, .locked, .invalidState, .networkUnavailable, .checksumMismatch].contains(
            error.code)
    }
}

/// Adds up how far the blobs are.
private final class TransferProgress: Sendable {
    private struct State {
        var done: [Digest: Int64] = [:]
        /// What was there before this transfer.
        var first: [Digest: Int64] = [:]
    }

    private let total: Int64
    private let report: @Sendable (Int64, Int64) -> Void
    private let state = Mutex(State())

    init(total: Int64, _ report: @escaping @Sendable (Int64, Int64) -> Void) {
        self.total = total
        self.report = report
    }

    func start(_ digest: Digest, at offset: Int64) {
        state.withLock { if $0.first[digest] == nil { $0.first[digest] = offset } }
        set(digest, to: offset)
    }

    func set(_ digest: Digest, to offset: Int64) {
        let done = state.withLock { state in
            state.done[digest] = offset
            return state.done.values.reduce(0, +)
        }
        report(done, total)
    }

    /// Bytes that were sent, without what was there already.
    var travelled: Int64 {
        state.withLock { state in
            state.done.reduce(0) { $0 + $1.value - (state.first[$1.key] ?? 0) }
        }
    }
}
