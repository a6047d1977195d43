import RucheCore
import RucheHost
import RucheImages
import SystemPackage
import Testing

@Suite struct FileReleaseStoreTests {
    @Test func publishesOnceAndRefusesOtherContentUnderTheVersion() async throws {
        try await Fixture.with { fixture in
            let one = try await fixture.layer("one", "echo 1 > f")
            let two = try await fixture.layer("two", "echo 2 > f")
            let first = try await fixture.publish("lab/tool:1.0", [one], lock: #"{"apt":{}}"#)
            let again = try await fixture.publish("lab/tool:1.0", [one], lock: #"{"apt":{"a":"1"}}"#)
            #expect(first.digest == again.digest)
            #expect(try await fixture.releases.release(first.name, first.version)?.referrers.count == 2)
            do {
                _ = try await fixture.publish("lab/tool:1.0", [two])
                Issue.record("another content was published under 1.0")
            } catch let error as RucheError {
                #expect(error.code == .immutable)
                #expect(error.message.contains(first.digest.description))
                #expect(error.details["new"] != nil && error.details["new"] != error.details["existing"])
            }
        }
    }

    @Test func resolvesVersionsTagsDigestsAndTheNewest() async throws {
        try await Fixture.with { fixture in
            let layer = try await fixture.layer("one", "echo 1 > f")
            for version in ["1.2", "1.10", "2.0-rc.1"] { _ = try await fixture.publish("lab/tool:\(version)", [layer]) }
            let name = try #require(EnvironmentName("lab/tool"))
            func resolved(_ text: String) async throws -> String {
                try await fixture.releases.resolve(try ReleaseReference(parsing: text)).version.description
            }
            #expect(try await resolved("lab/tool") == "1.10")
            #expect(try await resolved("lab/tool:1.2") == "1.2")
            try await fixture.releases.setTag("stable", of: name, to: ReleaseVersion("1.2"))
            #expect(try await resolved("lab/tool:stable") == "1.2")
            let release = try await fixture.releases.resolve(ReleaseReference(name: name, selector: "2.0-rc.1"))
            #expect(try await resolved("lab/tool@\(release.digest)") == "2.0-rc.1")
            let wrong = try await errorCode { _ = try await resolved("lab/tool:1.2@\(release.digest)") }
            let missing = try await errorCode { _ = try await resolved("lab/tool:3.0") }
            #expect(wrong == .notFound && missing == .notFound)
            let clash = try await errorCode {
                try await fixture.releases.setTag("1.10", of: name, to: ReleaseVersion("1.2"))
            }
            #expect(clash == .conflict)
            try await fixture.releases.setTag("3.0", of: name, to: ReleaseVersion("1.2"))
            let taken = try await errorCode { _ = try await fixture.publish("lab/tool:3.0", [layer]) }
            #expect(taken == .conflict)
            try await fixture.releases.remove(name, try #require(ReleaseVersion("1.2")))
            #expect(try await fixture.releases.tags(name).isEmpty)
        }
    }

    @Test func setsAsideWhatItCannotRead() async throws {
        try await Fixture.with { fixture in
            let layer = try await fixture.layer("one", "echo 1 > f")
            _ = try await fixture.publish("lab/tool:1.0", [layer])
            _ = try await fixture.publish("lab/tool:1.1", [layer])
            try await fixture.sh(
                "cd content/refs/lab/tool/releases; echo '{' > 1.0.json; cp 1.1.json 1.2.json")
            let (releases, problems) = try await fixture.releases.all()
            #expect(releases.map(\.version.description) == ["1.1"])
            #expect(problems.count == 2)
            #expect(
                try fixture.names("content/refs/lab/tool/releases")
                    == ["1.0.json.quarantined", "1.1.json", "1.2.json.quarantined"])
            #expect(try await fixture.releases.all().problems.count == 2)
        }
    }

    @Test func refusesAReleaseThatIsNotWhole() async throws {
        try await Fixture.with { fixture in
            let layer = try await fixture.layer("one", "echo 1 > f")
            try await fixture.store.remove(layer.digest)
            let code = try await errorCode { _ = try await fixture.publish("lab/tool:1.0", [layer]) }
            #expect(code == .notFound)
            #expect(try await fixture.releases.all().releases.isEmpty)
        }
    }
}

@Suite struct MaintenanceTests {
    private func collector(_ fixture: Fixture, unusedFor: Int64 = 0) -> GarbageCollector {
        GarbageCollector(
            store: fixture.store, releases: fixture.releases, cache: fixture.cache, layersUnusedFor: unusedFor)
    }

    @Test func collectsWhatNoReleaseReaches() async throws {
        try await Fixture.with { fixture in
            let kept = try await fixture.layer("one", "echo 1 > f")
            let other = try await fixture.layer("two", "echo 2 > f")
            let release = try await fixture.publish("lab/tool:1.0", [kept], lock: "{}")
            let gone = try await fixture.publish("lab/tool:2.0", [kept, other])
            for layer in [kept, other] {
                _ = try await fixture.cache.folder(diffID: layer.digest, blob: Fixture.descriptor(layer))
            }
            let before = try await fixture.store.all()
            let nothing = try await collector(fixture).collect(dryRun: false)
            #expect(nothing.blobs.isEmpty && nothing.layers.isEmpty && nothing.bytes.bytes == 0)
            try await fixture.releases.remove(gone.name, gone.version)
            let dry = try await collector(fixture).collect(dryRun: true)
            #expect(try await fixture.store.all() == before)
            let done = try await collector(fixture).collect(dryRun: false)
            #expect(dry == done)
            #expect(Set(done.blobs.map(\.digest)).isSuperset(of: [other.digest, gone.digest]))
            #expect(done.layers == [other.digest])
            #expect(done.bytes.bytes > other.size.bytes)
            #expect(try await fixture.store.size(of: kept.digest) != nil)
            let contents = try await ReleaseContents(of: release, in: fixture.store)
            #expect(contents.missing.isEmpty && contents.unreadable.isEmpty)
            #expect(Set(try await fixture.store.all()) == Set(contents.blobs.map(\.digest)))
        }
    }

    @Test func keepsWhatALeaseHolds() async throws {
        try await Fixture.with { fixture in
            let old = try await fixture.store.put([1])
            let unused = try await fixture.store.put([2])
            let lease = try fixture.store.lease()
            let written = try await fixture.store.put([3])
            _ = try await fixture.store.size(of: old.digest)
            let done = try await collector(fixture).collect(dryRun: false)
            #expect(done.blobs == [unused])
            lease.end()
            #expect(Set(try await collector(fixture).collect(dryRun: false).blobs) == [old, written])
        }
    }

    @Test func keepsWhatALiveProcessHoldsAndNotWhatAKilledOneDid() async throws {
        try await Fixture.with { fixture in
            let other = try await OtherProcess("lease", fixture.folder)
            let blob = StoredBlob(digest: StreamHasher.digest(of: [1, 2, 3]), size: ByteCount(3))
            #expect(try await fixture.store.all() == [blob.digest])
            #expect(try await collector(fixture).collect(dryRun: false).blobs.isEmpty)
            other.kill()
            #expect(try await collector(fixture).collect(dryRun: false).blobs == [blob])
            #expect(try fixture.names("content/leases").isEmpty)
        }
    }

    @Test func removesNothingWhileAReleaseCannotBeRead() async throws {
        try await Fixture.with { fixture in
            let layer = try await fixture.layer("one", "echo 1 > f")
            let release = try await fixture.publish("lab/tool:1.0", [layer])
            let before = try await fixture.store.all()
            let path = "content/blobs/sha256/\(release.index.manifests[0].digest.hex)"
            try await fixture.sh("cp \(path) saved; echo '{}' > \(path)")
            let damaged = try await errorCode { _ = try await collector(fixture).collect(dryRun: false) }
            try await fixture.sh("cp saved \(path); echo x > content/refs/lab/tool/releases/1.0.json")
            let torn = try await errorCode { _ = try await collector(fixture).collect(dryRun: false) }
            let aside = try await errorCode { _ = try await collector(fixture).collect(dryRun: false) }
            #expect(damaged == .corruptContent && torn == .corruptContent && aside == .corruptContent)
            #expect(try await fixture.store.all() == before)
        }
    }

    @Test func keepsAMountedLayer() async throws {
        try await Fixture.with { fixture in
            let layer = try await fixture.layer("one", "echo 1 > f")
            let folder = try await fixture.cache.folder(diffID: layer.digest, blob: Fixture.descriptor(layer))
            try await fixture.sh("mkdir e m; mount -t overlay overlay -o lowerdir=\(folder):e m")
            let mounted = try await collector(fixture).collect(dryRun: false).layers
            try await fixture.sh("umount m")
            #expect(mounted.isEmpty)
            #expect(try await collector(fixture, unusedFor: 1000).collect(dryRun: false).layers.isEmpty)
            #expect(try await collector(fixture).collect(dryRun: false).layers == [layer.digest])
            #expect(!FileTree.exists(folder))
        }
    }

    @Test func findsCorruptAndMissingBlobs() async throws {
        try await Fixture.with { fixture in
            let one = try await fixture.layer("one", "echo 1 > f")
            let two = try await fixture.layer("two", "echo 2 > f")
            _ = try await fixture.publish("lab/tool:1.0", [one, two])
            let verifier = Verifier(store: fixture.store, releases: fixture.releases)
            let sound = try await verifier.verify()
            #expect(sound.corrupt.isEmpty && sound.missing.isEmpty && sound.blobs == 5)
            try await fixture.sh("printf x >> content/blobs/sha256/\(one.digest.hex)")
            try await fixture.store.remove(two.digest)
            let report = try await verifier.verify()
            #expect(report.corrupt == [one.digest] && report.missing == [two.digest])
            #expect(report.releases == ["lab/tool:1.0"] && report.problems.isEmpty)
        }
    }

    @Test func comparesPackagesAndFiles() async throws {
        try await Fixture.with { fixture in
            let base = try await fixture.layer(
                "base", "mkdir d; echo 1 > d/same; echo 22 > d/gone; echo 3 > edited; mkdir o; echo 4 > o/x")
            let top = try await fixture.layer(
                "top",
                "mkdir d o; mknod d/gone c 0 0; echo 333 > edited; echo n > new; setfattr -n trusted.overlay.opaque -v y o; touch -d @1 d/t"
            )
            let old = try await fixture.publish(
                "lab/tool:1", [base], lock: #"{"apt":{"bwa":"1","same":"1"},"pip":{"/v":{"numpy":"1"}}}"#)
            let new = try await fixture.publish(
                "lab/tool:2", [base, top], lock: #"{"apt":{"bwa":"2","same":"1","zlib":"3"},"pip":{"/v":{}}}"#)
            let diff = try await ReleaseComparison(store: fixture.store).diff(from: old, to: new, architecture: "amd64")
            let packages: [String] = diff.packages.map { change in
                [change.system, change.name, change.before ?? "-", change.after ?? "-"].joined(separator: " ")
            }
            #expect(packages == ["deb bwa 1 2", "deb zlib - 3", "pypi numpy 1 -"])
            let files: [String] = diff.files.map { change in
                let sizes = [change.sizeBefore, change.sizeAfter].map { $0.map(String.init) ?? "-" }
                return ([change.kind.rawValue, change.path] + sizes).joined(separator: " ")
            }
            let expected = [
                "added /d/t - 0", "changed /edited 2 4", "added /new - 2", "removed /d/gone 3 -", "removed /o/x 2 -",
            ]
            #expect(files.sorted() == expected.sorted())
            #expect(diff.sizeAfter > diff.sizeBefore)
        }
    }
}
