@preconcurrency import Dispatch
import Glibc
package import SystemPackage

/// Tells when to look at files again: the kernel says so (inotify) as soon as they change.
///
/// Looking again and again takes a processor from the program that is waited for. There is a look every interval as
/// well, which is all there is where the kernel has no watch left to give.
package struct FileWatch: Sendable {
    /// Open as long as the watch or what waits at it.
    private final class Descriptor: Sendable {
        /// -1 where the kernel has none left.
        let number = inotify_init1(Int32(O_NONBLOCK | O_CLOEXEC))

        deinit { if number >= 0 { close(number) } }

        func drain() {
            // What happened does not matter, only that it is read.
            withUnsafeTemporaryAllocation(byteCount: 4096, alignment: 8) { buffer in
                while read(number, buffer.baseAddress, buffer.count) > 0 {}
            }
        }
    }

    /// The first is at once. Looks that are not taken become one. Ends when the task that iterates is cancelled.
    package let looks: AsyncStream<Void>
    private let descriptor = Descriptor()

    package init(interval: Duration = .milliseconds(100)) {
        let (looks, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        self.looks = looks
        let queue = DispatchQueue(label: "ruche.file-watch")
        let timer = DispatchSource.makeTimerSource(queue: queue)
        timer.schedule(deadline: .now(), repeating: .nanoseconds(Int(interval / .nanoseconds(1))))
        timer.setEventHandler { continuation.yield() }
        timer.activate()
        let changes = changes(queue, continuation)
        continuation.onTermination = { _ in
            timer.cancel()
            changes?.cancel()
        }
        continuation.yield()
    }

    /// Begins to watch a file, or the names in a folder; what is not there is left out.
    package func add(_ path: FilePath) {
        guard descriptor.number >= 0 else { return }
        let mask = UInt32(IN_CREATE | IN_MOVED_TO | IN_MODIFY | IN_CLOSE_WRITE)
        // Without a watch there is still the interval.
        _ = inotify_add_watch(descriptor.number, path.string, mask)
    }

    private func changes(
        _ queue: DispatchQueue, _ continuation: AsyncStream<Void>.Continuation
    ) -> (any DispatchSourceRead)? {
        guard descriptor.number >= 0 else { return nil }
        let source = DispatchSource.makeReadSource(fileDescriptor: descriptor.number, queue: queue)
        source.setEventHandler { [descriptor] in
            descriptor.drain()
            continuation.yield()
        }
        // It has to be open until the source has let go of it.
        source.setCancelHandler { [descriptor] in withExtendedLifetime(descriptor) {} }
        source.activate()
        return source
    }
}
