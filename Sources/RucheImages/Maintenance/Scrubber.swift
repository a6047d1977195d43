import Glibc
package import RucheCore
import RucheHost
import SystemPackage

/// Hashes every blob at a bounded speed, in the order of their digests, and sets aside what is not what its digest says:
/// `content/damaged/HEX`. It notes how far it is, and goes on there after it was stopped or killed.
package struct Scrubber: Sendable {
    package struct Report: Hashable, Sendable, Codable {
        var schema = 1
        /// Seconds since 1970.
        package var startedAt: Int64
        /// Whether a scrub that was stopped went on.
        package var isResumed = false
        package var blobs = 0
        package var bytes: Int64 = 0
        /// What was set aside.
        package var damaged: [Digest] = []
        /// The last one that was looked at.
        var last: Digest?
    }

    private static let piece = 1 << 20
    /// Bytes between two notes of how far it is.
    private static let noteEvery: Int64 = 64 << 20
    private let store: FileContentStore
    private let bytesPerSecond: Int64?
    private var statePath: FilePath { store.folder.appending("scrub.json") }

    package init(store: FileContentStore, bytesPerSecond: Int64? = nil) {
        self.store = store
        self.bytesPerSecond = bytesPerSecond
    }

    /// `progress` is called after each blob with how many of how many are done. With `restarting` it begins with the first.
    package func scrub(
        restarting: Bool = false, progress: @Sendable (_ blobs: Int, _ of: Int) async -> Void = { _, _ in }
    ) async throws -> Report {
        var report = Report(startedAt: Int64(time(nil)))
        if !restarting,
            let old = try? CanonicalJSON.decode(
                Report.self, try AtomicFile.read(statePath, limit: CanonicalJSON.limit), "the state of the scrub")
        {
            report = old
            report.isResumed = true
        }
        let digests = try await store.all().sorted()
        let rest = digests.drop { digest in report.last.map { digest <= $0 } ?? false }
        var pace = Pace(bytesPerSecond: bytesPerSecond)
        var noted = report.bytes
        for (number, digest) in rest.enumerated() {
            try Task.checkCancellation()
            let (size, isSound) = try await check(digest, &pace)
            report.blobs += 1
            report.bytes += size
            report.last = digest
            if !isSound { report.damaged.append(digest) }
            if !isSound || report.bytes - noted >= Self.noteEvery {
                try note(report)
                noted = report.bytes
            }
            await progress(digests.count - rest.count + number + 1, digests.count)
        }
        unlink(statePath.string)
        return report
    }

    private func note(_ report: Report) throws {
        do { try AtomicFile.write(try CanonicalJSON.encode(report), to: statePath) } catch let error as Errno {
            throw RucheError.storage(error, "write", statePath)
        }
    }

    /// The size of a blob, and whether it is what its digest says. One that was removed meanwhile is sound and empty.
    private func check(_ digest: Digest, _ pace: inout Pace) async throws -> (Int64, Bool) {
        let path = store.path(of: digest)
        do {
            let file = try FileDescriptor.open(path, .readOnly, options: [.closeOnExec, .noFollow])
            defer { try? file.close() }  // it was only read
            var status = stat()
            guard fstat(file.rawValue, &status) == 0 else { throw Errno(rawValue: errno) }
            var hasher = StreamHasher()
            var size: Int64 = 0
            while true {
                let bytes = try [UInt8](unsafeUninitializedCapacity: Self.piece) {
                    $1 = try file.read(into: UnsafeMutableRawBufferPointer($0))
                }
                if bytes.isEmpty { break }
                hasher.update(bytes)
                // What nobody asked for does not push out of memory what somebody does.
                posix_fadvise(file.rawValue, off_t(size), off_t(bytes.count), POSIX_FADV_DONTNEED)
                size += Int64(bytes.count)
                try await pace.spend(bytes.count)
            }
            if hasher.finish() == digest { return (size, true) }
            return (size, try await !store.setAside(digest, inode: status.st_ino))
        } catch Errno.noSuchFileOrDirectory {
            return (0, true)
        } catch Errno.ioError {
            // The disk can't give it back: as bad as other bytes.
            return (0, try await !store.setAside(digest, inode: nil))
        } catch let error as Errno {
            throw RucheError.storage(error, "read", path)
        }
    }

    /// Waits as long as it takes not to be faster than is allowed.
    private struct Pace {
        let bytesPerSecond: Int64?
        private let start = ContinuousClock.now
        private var spent: Int64 = 0

        init(bytesPerSecond: Int64?) { self.bytesPerSecond = bytesPerSecond }

        mutating func spend(_ bytes: Int) async throws {
            guard let bytesPerSecond else { return }
            spent += Int64(bytes)
            let due = start + .milliseconds(spent * 1000 / max(1, bytesPerSecond))
            if due - ContinuousClock.now > .milliseconds(5) { try await Task.sleep(until: due, clock: .continuous) }
        }
    }
}

extension FileContentStore {
    /// Moves a damaged blob out of the way, so that the same content can be stored again; false when another file has
    /// its place by now.
    func setAside(_ digest: Digest, inode: UInt?) async throws -> Bool {
        let aside = folder.appending("damaged")
        try FileTree.makeFolder(aside)
        return try await gate.exclusive {
            var status = stat()
            guard lstat(path(of: digest).string, &status) == 0, inode == nil || status.st_ino == inode else {
                return false
            }
            try AtomicFile.rename(path(of: digest), to: aside.appending(digest.hex))
            return true
        }
    }
}
