import RucheCore
import RucheHost
import RucheImages
import SystemPackage
import Testing

/// Collections beside what publishes, and scrubs.
@Suite struct CollectionTests {
    private func collector(_ fixture: Fixture) -> GarbageCollector {
        GarbageCollector(store: fixture.store, releases: fixture.releases, cache: fixture.cache, layersUnusedFor: 0)
    }

    @Test func aReleaseThatIsPublishedMeanwhileIsSpared() async throws {
        try await Fixture.with { fixture in
            let name = try #require(EnvironmentName("lab/tool"))
            let version = try #require(ReleaseVersion("1.0"))
            for number in 0..<200 { _ = try await fixture.store.put(Array("garbage \(number)".utf8)) }
            let lease = try fixture.store.lease()
            let layer = try await fixture.layer("one", "echo 1 > f")
            let publisher = Publisher {
                _ = try await fixture.publish("lab/tool:1.0", [layer])
                lease.end()
            }
            // First asked once the names were looked at: publishing begins then, and does not wait for the end, however
            // long each blob takes.
            let done = try await collector(fixture).collect(dryRun: false) { _ in
                try await publisher.goOn()
                return false
            }
            #expect(await publisher.isDone, "it waited for the collection")
            try await publisher.end()
            #expect(done.blobs.count == 200)
            let release = try #require(try await fixture.releases.release(name, version))
            let contents = try await ReleaseContents(of: release, in: fixture.store)
            #expect(contents.missing.isEmpty)
            #expect(try await collector(fixture).collect(dryRun: false).blobs.isEmpty)
            #expect(try fixture.names("content/leases").isEmpty)
        }
    }

    @Test func whatAKilledCollectionLeftGoesAtTheNextStart() async throws {
        try await Fixture.with { fixture in
            try await fixture.sh("touch content/leases/collecting content/leases/1.2.lease.ended")
            let lease = try fixture.store.lease()
            lease.end()
            #expect(try fixture.names("content/leases").count == 3)
            _ = try FileContentStore(folder: fixture.folder.appending("content"))
            #expect(try fixture.names("content/leases").isEmpty)
        }
    }

    @Test func nothingIsCollectedWhileAManifestIsMissing() async throws {
        try await Fixture.with { fixture in
            let layer = try await fixture.layer("one", "echo 1 > f")
            let release = try await fixture.publish("lab/tool:1.0", [layer])
            try await fixture.store.remove(release.index.manifests[0].digest)
            let code = try await errorCode { _ = try await collector(fixture).collect(dryRun: false) }
            #expect(code == .corruptContent)
            #expect(try await fixture.store.size(of: layer.digest) != nil)
        }
    }

    @Test func aScrubSetsDamageAsideAndGoesOnWhereItWasStopped() async throws {
        try await Fixture.with { fixture in
            var blobs: [Digest] = []
            for byte in UInt8(0)..<20 { blobs.append(try await fixture.store.put([byte]).digest) }
            blobs.sort()
            let (bad, worse) = (blobs[4], blobs[15])
            for digest in [bad, worse] { try await fixture.sh("printf xy > content/blobs/sha256/\(digest.hex)") }
            let scrubber = Scrubber(store: fixture.store)
            let stopped = Task {
                try await scrubber.scrub { done, _ in if done == 10 { withUnsafeCurrentTask { $0?.cancel() } } }
            }
            await #expect(throws: CancellationError.self) { try await stopped.value }
            #expect(try fixture.names("content/damaged") == [bad.hex])
            let report = try await scrubber.scrub()
            #expect(report.isResumed && report.damaged == [bad, worse])
            #expect(try fixture.names("content/damaged").sorted() == [bad.hex, worse.hex].sorted())
            #expect(try await fixture.store.size(of: bad) == nil)
            #expect(!FileTree.exists(fixture.folder.appending("content/scrub.json")))
            // The same content can be stored again.
            _ = try await fixture.store.put([UInt8(0)])
            let again = try await scrubber.scrub()
            #expect(!again.isResumed && again.damaged.isEmpty && again.blobs >= 18)
        }
    }

    @Test func aScrubIsNoFasterThanIsAllowed() async throws {
        try await Fixture.with { fixture in
            _ = try await fixture.store.put([UInt8](repeating: 1, count: 3 << 20))
            let start = ContinuousClock.now
            _ = try await Scrubber(store: fixture.store, bytesPerSecond: 4 << 20).scrub()
            #expect(ContinuousClock.now - start > .milliseconds(700))
        }
    }
}

/// Does something once, beside what asks for it.
private actor Publisher {
    private let body: @Sendable () async throws -> Void
    private var task: Task<Void, any Error>?
    private(set) var isDone = false
    private var pauses = 0

    init(_ body: @escaping @Sendable () async throws -> Void) { self.body = body }

    /// Begins it, or gives it time, a little more each time: a minute within two hundred times. Who asks holds the
    /// gate, so one wait until it is done would have no end.
    func goOn() async throws {
        if task == nil {
            task = Task {
                try await body()
                isDone = true
            }
        }
        if isDone { return }
        pauses += 1
        try await Task.sleep(for: .milliseconds(3 * pauses))
    }

    func end() async throws { try await task?.value }
}
