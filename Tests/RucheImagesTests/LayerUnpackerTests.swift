import RucheCore
import RucheHost
import RucheImages
import SystemPackage
import Testing

@Suite struct LayerUnpackerTests {
    /// Python that adds members to the open tar `t`, and what is wrong with them.
    private static let hostile: [String] = [
        "f('../outside/x')", "f('a/../../outside/x')", "f('..')",
        "l('d', '../outside'); f('d/x')", "l('d', '/'); f('d/x')",
        "d('e'); l('e/f', '../../outside'); f('e/f/x')",
        "h('x', '../outside/secret')", "h('x', '/../outside/secret')",
        "l('d', '../outside'); h('x', 'd/secret')", "h('x', 'nowhere')", "d('d'); h('x', 'd')",
        "f('.wh...')", "f('.wh..')", "f('.wh.')", "f('d/.wh...')", "c('null', 0, 0)",
        "f('file'); f('file/below')", "d('d'); f('d/x'); f('d')",
        "f('n' * 300)", "f('x', uid=-1)", "f('')",
    ]

    private static let prelude = """
        import tarfile, io
        t = tarfile.open('h.tar', 'w', format=tarfile.PAX_FORMAT)
        def add(name, type, data=b'', **values):
            i = tarfile.TarInfo(name); i.type = type; i.size = len(data)
            for k, v in values.items(): setattr(i, k, v)
            t.addfile(i, io.BytesIO(data))
        def f(name, **values): add(name, tarfile.REGTYPE, b'data', **values)
        def d(name, **values): add(name, tarfile.DIRTYPE, mode=0o755, **values)
        def l(name, to): add(name, tarfile.SYMTYPE, linkname=to)
        def h(name, to): add(name, tarfile.LNKTYPE, linkname=to)
        def c(name, major, minor): add(name, tarfile.CHRTYPE, devmajor=major, devminor=minor)

        """

    @Test(arguments: hostile) func refusesWhatIsHostileAndTouchesNothingOutside(_ members: String) async throws {
        try await Fixture.with { fixture in
            try await fixture.sh("mkdir outside out; echo s > outside/secret; chmod 600 outside/secret")
            try await fixture.python(Self.prelude + members + "\nt.close()")
            let code = try await errorCode {
                _ = try await LayerUnpacker().unpack(
                    fixture.folder.appending("h.tar"), into: fixture.folder.appending("out"))
            }
            #expect(code == .invalidArchive)
            #expect(try fixture.names("outside") == ["secret"])
            #expect(try await fixture.sh("stat -c '%h %a' outside/secret; cat outside/secret") == "1 600\ns\n")
        }
    }

    @Test func followsTarsRulesForDuplicatesAndOddPaths() async throws {
        try await Fixture.with { fixture in
            try await fixture.python(
                Self.prelude + """
                    add('twice', tarfile.REGTYPE, b'first'); add('twice', tarfile.REGTYPE, b'2nd')
                    l('link', 'twice'); add('link', tarfile.REGTYPE, b'own')
                    f('/absolute/./path'); d('d'); d('d', uid=7); l('s', '/etc/passwd')
                    f('.wh.low'); f('dir/.wh..wh..opq'); f('.wh..wh.plnk'); f('keep'); f('.wh.keep'); f('.wh.back'); d('back')
                    add('over', tarfile.REGTYPE, b'x', pax_headers={'SCHILY.xattr.trusted.overlay.opaque': 'y',
                        'SCHILY.xattr.user.overlay.redirect': 'y', 'SCHILY.xattr.user.kept': 'v'})
                    t.close()
                    """)
            let out = fixture.folder.appending("out")
            try FileTree.makeFolder(out)
            let digest = try await LayerUnpacker().unpack(fixture.folder.appending("h.tar"), into: out)
            #expect(try await fixture.sh("sha256sum h.tar").hasPrefix(digest.hex))
            let text = try await fixture.sh(
                """
                cd out; cat twice link; echo; stat -c '%n %F %u %a' link d s low keep absolute/path | tr '\\n' ';'; echo
                getfattr --absolute-names -d -m - over back dir | grep -v '^$' | tr '\\n' ';'
                """)
            #expect(
                text == """
                    2ndown
                    link regular file 0 644;d directory 7 755;s symbolic link 0 777;low character special file 0 0;keep regular file 0 644;absolute/path regular file 0 644;
                    # file: over;user.kept="v";# file: back;trusted.overlay.opaque="y";# file: dir;trusted.overlay.opaque="y";
                    """)
        }
    }

    @Test(arguments: ["none", "gzip", "xz", "zstd", "bzip2"])
    func readsEveryCompression(_ compression: String) async throws {
        try await Fixture.with { fixture in
            let plain = try await fixture.layer("root", "echo hello > f; ln f g; : > \"$(printf 'caf\\351')\"")
            let file = "content/blobs/sha256/\(plain.digest.hex)"
            let tool = compression == "none" ? "cat" : compression
            try await fixture.sh("\(tool) < \(file) > packed; mkdir out")
            let digest = try await LayerUnpacker().unpack(
                fixture.folder.appending("packed"), into: fixture.folder.appending("out"))
            #expect(digest == plain.digest)
            #expect(try await fixture.sh("cat out/g") == "hello\n")
        }
    }

    @Test func refusesBombsAndTornFiles() async throws {
        try await Fixture.with { fixture in
            try await fixture.sh(
                """
                mkdir d o1 o2 o3 o4; dd if=/dev/zero of=d/big bs=1M count=20 status=none; touch d/1 d/2 d/3
                tar -cf plain.tar d; gzip -k plain.tar; head -c 1000000 plain.tar > torn.tar; head -c 5000 plain.tar.gz > torn.gz
                """)
            func code(_ file: String, _ out: String, _ limits: ArchiveLimits = ArchiveLimits()) async throws
                -> ErrorCode?
            {
                try await errorCode {
                    _ = try await LayerUnpacker(limits: limits).unpack(
                        fixture.folder.appending(file), into: fixture.folder.appending(out))
                }
            }
            #expect(try await code("plain.tar.gz", "o1", ArchiveLimits(bytes: 10 << 20)) == .invalidArchive)
            #expect(try await code("plain.tar", "o2", ArchiveLimits(entries: 3)) == .invalidArchive)
            #expect(try await code("torn.tar", "o3") == .invalidArchive)
            #expect(try await code("torn.gz", "o4") == .invalidArchive)
            try await fixture.python(
                Self.prelude
                    + "i = tarfile.TarInfo('x'); i.size = 1 << 62; t.fileobj.write(i.tobuf()); t.fileobj.close()")
            #expect(try await code("h.tar", "o4") == .invalidArchive)
        }
    }

    @Test func unpacksNothingIntoTheCacheOfALayerThatIsNotWhatItSays() async throws {
        try await Fixture.with { fixture in
            let blob = try await fixture.layer("root", "echo hello > f")
            let other = StreamHasher.digest(of: [1])
            let code = try await errorCode {
                _ = try await fixture.cache.folder(diffID: other, blob: Fixture.descriptor(blob))
            }
            #expect(code == .corruptContent)
            #expect(try fixture.names("cache/layers").filter { !$0.hasPrefix(".") }.isEmpty)
        }
    }

    @Test func tellsOfAFullDisk() async throws {
        try await Fixture.with { fixture in
            let blob = try await fixture.layer("root", "dd if=/dev/zero of=big bs=1M count=4 status=none")
            try await fixture.sh("mkdir small; mount -t tmpfs -o size=1m tmpfs small")
            let cache = try FileLayerCache(folder: fixture.folder.appending("small"), store: fixture.store)
            let code = try await errorCode {
                _ = try await cache.folder(diffID: blob.digest, blob: Fixture.descriptor(blob))
            }
            let left = try fixture.names("small").filter { !$0.hasPrefix(".") }
            try OverlayMount.unmount(fixture.folder.appending("small"))
            #expect(code == .diskFull)
            #expect(left.isEmpty)
        }
    }
}
