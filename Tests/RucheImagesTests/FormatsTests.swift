import RucheCore
import RucheHost
import RucheImages
import SystemPackage
import Testing

@Suite struct FormatsTests {
    private func release(_ fixture: Fixture) async throws -> Release {
        let base = try await fixture.layer(
            "base",
            "mkdir -p bin etc; echo sh > bin/sh; chmod 755 bin/sh; echo old > etc/conf; echo g > etc/gone; ln bin/sh bin/bash"
        )
        let top = try await fixture.layer(
            "top", "mkdir etc; echo new > etc/conf; mknod etc/gone c 0 0; ln -s conf etc/link")
        return try await fixture.publish("lab/tool:1.0", [base, top])
    }

    private func export(_ fixture: Fixture, _ release: Release, _ format: ExportFormat, _ name: String) async throws {
        try await ImageExporter(store: fixture.store, layers: fixture.cache).export(
            release, format: format, architecture: "amd64", to: fixture.folder.appending(name))
    }

    @Test func skopeoReadsWhatIsExported() async throws {
        try await Fixture.with { fixture in
            let release = try await release(fixture)
            let image = try release.imageDescriptor(architecture: "amd64")
            try await export(fixture, release, .oci, "layout")
            try await export(fixture, release, .ociArchive, "image.oci.tar")
            try await export(fixture, release, .dockerArchive, "image.docker.tar")
            let digest = try await fixture.sh(
                """
                skopeo inspect --format '{{.Digest}}' oci:layout:1.0
                skopeo inspect --format '{{.Digest}}' oci-archive:image.oci.tar:1.0
                skopeo copy -q --insecure-policy docker-archive:image.docker.tar oci:copied:x
                skopeo inspect --config --format '{{.RootFS.DiffIDs}}' oci:copied:x
                skopeo inspect --config --format '{{.RootFS.DiffIDs}}' oci:layout
                tar -xOf image.docker.tar manifest.json
                """
            ).split(separator: "\n")
            #expect(digest[0] == image.digest.description && digest[1] == image.digest.description)
            #expect(digest[2] == digest[3])
            #expect(digest[4].contains(#""RepoTags":["lab/tool:1.0"]"#))
            #expect(try fixture.names(".").filter { $0.hasSuffix(".partial") }.isEmpty)
        }
    }

    @Test func exportsAMergedRootThatIsTheSameEveryTime() async throws {
        try await Fixture.with { fixture in
            let release = try await release(fixture)
            try await export(fixture, release, .rootfsTar, "root.tar")
            try await export(fixture, release, .rootfsTar, "again.tar")
            let text = try await fixture.sh(
                "cmp root.tar again.tar; tar -tf root.tar | tr '\\n' ' '; tar -xOf root.tar etc/conf; mkdir x; tar -xf root.tar -C x; stat -c %h x/bin/sh"
            )
            #expect(text == "bin/ bin/bash bin/sh etc/ etc/conf etc/link new\n2\n")
        }
    }

    @Test func neverReplacesAnExistingPath() async throws {
        try await Fixture.with { fixture in
            let release = try await release(fixture)
            try await fixture.sh("echo mine > there")
            for format in [ExportFormat.oci, .ociArchive, .dockerArchive, .rootfsTar] {
                let code = try await errorCode { try await export(fixture, release, format, "there") }
                #expect(code == .conflict)
            }
            let lxd = try await errorCode { try await export(fixture, release, .lxd, "none") }
            let arm = try await errorCode {
                try await ImageExporter(store: fixture.store, layers: fixture.cache).export(
                    release, format: .oci, architecture: "arm64", to: fixture.folder.appending("none"))
            }
            #expect(lxd == .notFound && arm == .notFound)
            #expect(try await fixture.sh("cat there; ls -A | grep -c partial || true") == "mine\n0\n")
        }
    }

    @Test func makesTheSameLXDVariantTwice() async throws {
        try await Fixture.with { fixture in
            let first = try await release(fixture)
            let image = try first.imageDescriptor(architecture: "amd64")
            let folders = try await ImageLayers(store: fixture.store).folders(of: image, in: fixture.cache)
            let variant = LXDVariant(
                store: fixture.store, runner: SystemCommandRunner(), scratch: fixture.folder.appending("scratch"))
            let metadata = LXDMetadata(
                architecture: "amd64", os: "debian", release: "bookworm", description: "a \"tool\"", name: "lab/tool",
                serial: "20240101")
            let one = try await variant.make(folders: folders, metadata: metadata, clampTime: 1_000_000_000)
            try await fixture.sh("mkdir m; mount -t overlay overlay -o lowerdir=\(folders[0]):\(folders[1]) m")
            let two = try await variant.make(
                root: fixture.folder.appending("m"), metadata: metadata, clampTime: 1_000_000_000)
            try await fixture.sh("umount m")
            #expect(one == two)
            let release = try await fixture.publish(
                "lab/tool:1.1",
                try await ImageLayers(store: fixture.store).list(image).map {
                    StoredBlob(digest: $0.blob.digest, size: ByteCount($0.blob.size))
                },
                variants: [one])
            try await export(fixture, release, .lxd, "lxd")
            try await export(fixture, release, .rootfsTar, "root.tar")
            let text = try await fixture.sh(
                """
                tar -tf lxd/metadata.tar.xz; tar -xOf lxd/metadata.tar.xz metadata.yaml
                unsquashfs -q -n -d squashed lxd/rootfs.squashfs >/dev/null; mkdir plain; tar -xpf root.tar -C plain
                diff -r --no-dereference squashed plain
                for d in squashed plain; do (cd $d; find . -mindepth 1 -printf '%P %y %m %U %G %T@ %l %n\\n' | sort > ../$d.txt); done
                cmp squashed.txt plain.txt; stat -c '%a %Y' squashed
                """)
            #expect(text.hasPrefix("metadata.yaml\n{\"architecture\":\"x86_64\",\"creation_date\":1000000000,"))
            #expect(text.hasSuffix("755 1000000000\n"))
        }
    }
}

@Suite struct ImageImporterTests {
    private func importer(_ fixture: Fixture) -> ImageImporter {
        ImageImporter(store: fixture.store, cache: fixture.cache)
    }

    /// An image made by other tools: two layers, gzip, in `layout` (OCI) and `docker.tar`.
    private func foreign(_ fixture: Fixture) async throws {
        let base = try await fixture.layer("base", "echo 1 > f")
        let top = try await fixture.layer("top", "echo 2 > g")
        let release = try await fixture.publish("lab/tool:1.0", [base, top, base])
        try await ImageExporter(store: fixture.store, layers: fixture.cache).export(
            release, format: .oci, architecture: "amd64", to: fixture.folder.appending("plain"))
        try await fixture.sh(
            """
            skopeo copy -q --insecure-policy --dest-compress oci:plain dir:d
            skopeo copy -q --insecure-policy --format v2s2 dir:d oci:layout:v1 || skopeo copy -q --insecure-policy dir:d oci:layout:v1
            skopeo copy -q --insecure-policy oci:plain docker-archive:docker.tar:lab/tool:v1
            tar -C layout -cf archive.tar .; gzip -k archive.tar
            """)
    }

    @Test func readsWhatSkopeoWrites() async throws {
        try await Fixture.with { fixture in
            try await foreign(fixture)
            let folder = fixture.folder
            let sources: [ImageSource] = [
                .ociLayout(folder.appending("layout")), .ociArchive(folder.appending("archive.tar")),
                .ociArchive(folder.appending("archive.tar.gz")), .dockerArchive(folder.appending("docker.tar")),
                .ociLayout(folder.appending("plain")),
            ]
            var diffIDs: Set<[Digest]> = []
            for source in sources {
                let image = try await importer(fixture).importImage(source, architecture: "amd64")
                #expect(image.layers.count == 3 && image.layers[0].digest == image.layers[2].digest)
                diffIDs.insert(image.diffIDs)
                let folders = try await ImageLayers(store: fixture.store).folders(of: image.manifest, in: fixture.cache)
                #expect(try await fixture.sh("cat \(folders[1])/g") == "2\n")
            }
            #expect(diffIDs.count == 1)
            let wrongTag = try await errorCode {
                _ = try await importer(fixture).importImage(sources[0], architecture: "amd64", tag: "v2")
            }
            let wrongArchitecture = try await errorCode {
                _ = try await importer(fixture).importImage(sources[3], architecture: "arm64", tag: "v1")
            }
            #expect(wrongTag == .notFound && wrongArchitecture == .notFound)
        }
    }

    @Test func makesOneLayerOfARootTarball() async throws {
        try await Fixture.with { fixture in
            try await fixture.sh(
                "mkdir -p r/bin; echo x > r/bin/sh; touch -d @2000000000 r/bin/sh; tar -C r -caf a.tar.xz .; tar -C r -czf b.tar.gz bin"
            )
            var digests: Set<Digest> = []
            for name in ["a.tar.xz", "b.tar.gz"] {
                let image = try await importer(fixture).importImage(
                    .rootfs(fixture.folder.appending(name)), architecture: "amd64", clampTime: 1_000_000_000)
                digests.formUnion(image.layers.map(\.digest))
                #expect(image.config.architecture == "amd64" && image.diffIDs == image.layers.map(\.digest))
            }
            #expect(digests.count == 1)
        }
    }

    /// Damage by python to a layout folder, and the code that must come.
    static let damages: [(String, ErrorCode)] = [
        ("open(blob(0), 'ab').write(b'x')", .corruptContent),
        ("os.remove(blob(1))", .notFound),
        ("open('plain/index.json','w').write('{')", .invalidInput),
        ("os.remove('plain/oci-layout')", .notFound),
        ("open('plain/oci-layout','w').write('{\"imageLayoutVersion\":\"2.0\"}')", .unsupported),
        ("edit(lambda m: m['layers'][0].update(mediaType='application/x-evil'))", .unsupported),
        ("edit(lambda m: m['layers'][0].update(size=1))", .invalidInput),
        ("edit(lambda m: m['layers'].pop())", .invalidInput),
        ("edit(lambda m: m['layers'].reverse())", .corruptContent),
        ("edit(lambda m: m['layers'][0].update(digest='sha256:../../../etc/passwd'))", .invalidInput),
        ("edit(lambda m: m.pop('config'))", .invalidInput),
    ]

    @Test(arguments: damages.indices) func refusesADamagedLayout(_ number: Int) async throws {
        let (damage, expected) = Self.damages[number]
        try await Fixture.with { fixture in
            let base = try await fixture.layer("base", "echo 1 > f")
            let top = try await fixture.layer("top", "echo 2 > g")
            let release = try await fixture.publish("lab/tool:1.0", [base, top])
            try await ImageExporter(store: fixture.store, layers: fixture.cache).export(
                release, format: .oci, architecture: "amd64", to: fixture.folder.appending("plain"))
            try await fixture.python(
                """
                import json, os, hashlib
                index = json.load(open('plain/index.json'))
                path = lambda d: 'plain/blobs/sha256/' + d['digest'][7:]
                manifest = json.load(open(path(index['manifests'][0])))
                blob = lambda n: path(manifest['layers'][n])
                def edit(change):
                    change(manifest)
                    data = json.dumps(manifest).encode()
                    d = index['manifests'][0]
                    d['digest'] = 'sha256:' + hashlib.sha256(data).hexdigest(); d['size'] = len(data)
                    open(path(d), 'wb').write(data)
                    json.dump(index, open('plain/index.json', 'w'))
                \(damage)
                """)
            let other = try Fixture(fixture.folder.appending("other"))
            for (source, code) in [
                (ImageSource.ociLayout(fixture.folder.appending("plain")), expected),
                (ImageSource.ociArchive(fixture.folder.appending("t.tar")), expected),
            ] {
                try await fixture.sh("tar -C plain -cf t.tar .")
                let actual = try await errorCode {
                    _ = try await importer(other).importImage(source, architecture: "amd64")
                }
                // A file that a folder lacks is a bad archive when the archive lacks it.
                #expect(actual == code || (actual == .invalidArchive && code == .notFound))
            }
        }
    }

    @Test func refusesAHostileDockerArchive() async throws {
        try await Fixture.with { fixture in
            for (number, members) in [
                "add('manifest.json', b'[{\"Config\":\"c.json\",\"Layers\":[\"../../etc/passwd\"]}]'); add('c.json', b'{}')",
                "add('manifest.json', b'[{\"Config\":\"c.json\",\"Layers\":[]}]')",
                "add('manifest.json', b'[{\"Config\":\"a\",\"Layers\":[]}]'); link('a', 'b'); link('b', 'a')",
                "add('manifest.json', b'[{\"Config\":\"a\",\"Layers\":[]}]'); link('a', '../../../etc/passwd')",
                "add('x', b'')",
            ].enumerated() {
                try await fixture.python(
                    """
                    import tarfile, io
                    t = tarfile.open('h\(number).tar', 'w')
                    def add(name, data):
                        i = tarfile.TarInfo(name); i.size = len(data); t.addfile(i, io.BytesIO(data))
                    def link(name, to):
                        i = tarfile.TarInfo(name); i.type = tarfile.SYMTYPE; i.linkname = to; t.addfile(i)
                    \(members)
                    t.close()
                    """)
                let code = try await errorCode {
                    _ = try await importer(fixture).importImage(
                        .dockerArchive(fixture.folder.appending("h\(number).tar")), architecture: "amd64")
                }
                #expect(code == .invalidArchive)
            }
        }
    }
}
