import RucheCore
import RucheHost
import RucheImages
import SystemPackage
import Testing

@Suite struct LayerArchiverTests {
    /// Every kind of file, long and odd names, set-id bits, attributes.
    private static let everything = """
        mkdir -p usr/bin etc var/empty; chmod 700 var/empty; chmod 1777 var
        echo hello > etc/hello; touch -d @1234567890.123456789 etc/hello
        printf x > usr/bin/su; chmod 4755 usr/bin/su; chown 12:34 etc/hello
        ln usr/bin/su usr/bin/zsu; ln -s ../etc/hello usr/link; ln -s /absolute/target usr/absolute
        mkfifo var/pipe; mknod var/null c 1 3; mknod var/disk b 259 70000
        : > "etc/café"; : > "$(printf 'etc/latin\\351')"
        long=$(printf 'n%.0s' $(seq 200)); mkdir -p "$long/$long"; echo deep > "$long/$long/$long"
        ln -s "/$long/$long/$long" etc/longlink; ln "$long/$long/$long" etc/longhard
        dd if=/dev/zero of=big bs=1000 count=3001 status=none
        setfattr -n user.note -v "a value" etc/hello
        setfattr -n security.capability -v 0x0100000200040000000000000000000000000000 usr/bin/su
        touch -d @2000000000 etc/new
        python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind("var/socket")'
        """

    @Test func listsTheSameAsTar() async throws {
        try await Fixture.with { fixture in
            let blob = try await fixture.layer("root", Self.everything, clampTime: 1_900_000_000)
            let list = "LC_ALL=C tar --numeric-owner --full-time --xattrs --xattrs-include='*' -tvvf"
            let ours = try await fixture.sh("\(list) content/blobs/sha256/\(blob.digest.hex)")
            let theirs = try await fixture.sh(
                """
                cd root; touch -r var ../time; rm var/socket; touch -r ../time var
                LC_ALL=C tar --numeric-owner --sort=name --format=posix --xattrs --xattrs-include='*' -cf ../t.tar *
                cd ..; \(list) t.tar
                """)
            #expect(ours == theirs)
            #expect(ours.contains("hello") && ours.contains("longhard"))
        }
    }

    @Test func extractsToTheSameFiles() async throws {
        try await Fixture.with { fixture in
            let blob = try await fixture.layer("root", Self.everything, clampTime: 1_900_000_000)
            try await fixture.sh(
                """
                rm root/var/socket; mkdir out
                tar --numeric-owner --xattrs --xattrs-include='*' -xpf content/blobs/sha256/\(blob.digest.hex) -C out
                diff -r --no-dereference root/etc out/etc; cmp root/big out/big
                getfattr -d -m - -R root | grep -v '^#' > a; getfattr -d -m - -R out | grep -v '^#' > b; cmp a b
                grep -q security.capability a
                """)
        }
    }

    @Test func givesEqualBytesForEqualFilesAtOtherTimesAndPlaces() async throws {
        try await Fixture.with { fixture in
            let first = try await fixture.layer("one", Self.everything)
            let second = try await fixture.layer("two", "touch zz; rm zz;" + Self.everything)
            #expect(first == second)
        }
    }

    @Test func makesTheFolderEqualToItsArchive() async throws {
        try await Fixture.with { fixture in
            let blob = try await fixture.layer("root", Self.everything)
            let folder = try await fixture.cache.folder(diffID: blob.digest, blob: Fixture.descriptor(blob))
            let again = try await LayerArchiver().write(folder: folder, clampTime: .max, to: fixture.store)
            #expect(again == blob)
            let same = try await LayerArchiver().write(
                folder: fixture.folder.appending("root"), clampTime: .max, to: fixture.store)
            #expect(same == blob)
        }
    }

    @Test func refusesAFileThatLooksLikeAWhiteout() async throws {
        try await Fixture.with { fixture in
            let code = try await errorCode { _ = try await fixture.layer("root", ": > .wh.x") }
            #expect(code == .invalidInput)
            #expect(try fixture.names("content/ingest").isEmpty)
        }
    }

    @Test func carriesChangesOfARealOverlayToAnotherOne() async throws {
        try await Fixture.with { fixture in
            try await fixture.sh(
                """
                mkdir -p lower/d/sub lower/gone/deep lower/again upper work merged
                echo 1 > lower/d/sub/f; echo 2 > lower/gone/deep/f; echo 3 > lower/again/old; echo 4 > lower/file
                echo 5 > lower/todir; ln lower/file lower/hard
                mount -t overlay overlay -o lowerdir=lower,upperdir=upper,workdir=work,redirect_dir=off,metacopy=off merged
                rm -r merged/gone merged/d/sub; rm -r merged/again; mkdir merged/again; echo new > merged/again/new
                rm merged/todir; mkdir merged/todir; echo x > merged/todir/x; echo more >> merged/file
                chmod 751 merged/d; ln merged/file merged/hard2
                """)
            let upper = fixture.folder.appending("upper")
            let blob = try await LayerArchiver().write(folder: upper, clampTime: 1_000_000_000, to: fixture.store)
            let listing = try await fixture.sh("tar -tf content/blobs/sha256/\(blob.digest.hex)")
            for name in [".wh.gone", "d/.wh.sub", "again/.wh..wh..opq", "todir/.wh..wh..opq"] {
                #expect(listing.split(separator: "\n").contains(Substring(name)))
            }
            let layer = try await fixture.cache.folder(diffID: blob.digest, blob: Fixture.descriptor(blob))
            try await fixture.sh("mkdir second; mount -t overlay overlay -o lowerdir=\(layer):lower second")
            let all = "find . -printf '%P %y %m %U %G %s %l\\n' | sort; find . -type f | sort | xargs md5sum"
            let first = try await fixture.sh("cd merged; \(all)")
            let second = try await fixture.sh("cd second; \(all)")
            try await fixture.sh("umount second merged")
            // A folder's size tells of its file system, not of what is in it.
            func files(_ text: String) -> [Substring] {
                text.split(separator: "\n").filter { !$0.contains(" d ") && !$0.hasPrefix(" ") }
            }
            #expect(files(first) == files(second))
            let again = try await LayerArchiver().write(folder: layer, clampTime: .max, to: fixture.store)
            #expect(again == blob)
        }
    }

    @Test func refusesAnOverlayWithRedirects() async throws {
        try await Fixture.with { fixture in
            let code = try await errorCode {
                _ = try await fixture.layer("root", "mkdir d; setfattr -n trusted.overlay.redirect -v x d")
            }
            #expect(code == .unsupported)
        }
    }

    @Test func adoptsAFolderOnce() async throws {
        try await Fixture.with { fixture in
            let blob = try await fixture.layer("a", "echo 1 > f; chmod 700 .")
            try await fixture.sh("cp -a a b")
            let first = try await fixture.cache.adopt(fixture.folder.appending("a"), diffID: blob.digest)
            let second = try await fixture.cache.adopt(fixture.folder.appending("b"), diffID: blob.digest)
            #expect(first == second)
            #expect(try await fixture.sh("cat \(first)/f; stat -c %a \(first)") == "1\n755\n")
            #expect(!FileTree.exists(fixture.folder.appending("a")) && !FileTree.exists(fixture.folder.appending("b")))
        }
    }
}
