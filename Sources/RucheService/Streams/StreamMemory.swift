import RucheCore
import Synchronization

/// What was read of releases for the list of images, by digest: a digest always says the same.
final class StreamMemory: Sendable {
    private let images = Mutex<[Digest: [StreamImage]]>([:])

    func images(of release: Digest) -> [StreamImage]? { images.withLock { $0[release] } }

    func keep(_ found: [StreamImage], of release: Digest) { images.withLock { $0[release] = found } }

    /// Forgets what is in no list any more, once that is much.
    func forget(allBut count: Int, in listed: () -> Set<Digest>) {
        images.withLock { images in
            guard images.count > 2 * count + 20_000 else { return }
            let listed = listed()
            images = images.filter { listed.contains($0.key) }
        }
    }
}
