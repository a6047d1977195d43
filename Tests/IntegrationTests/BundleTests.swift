import RucheCore
import RucheHost
import SystemPackage
import Testing

/// Releases on a disk.
@Suite struct BundleTests {
    @Test func releasesAreCarriedToAMachineWithoutANetwork() async throws {
        try await RucheFixture.with { here in
            try await here.buildBusybox(extra: "variants: [oci, lxd]")
            try await here.buildBusybox(version: "2.0.0", job: "echo two")
            let box = try await here.box("small")
            try await here.ruche("import", "box", box, "--as", "lab/small:1.0.0")
            let names = ["test/tiny:1.0.0", "test/tiny:2.0.0", "lab/small:1.0.0"]
            try await here.ruche("bundle", "create", names[0], names[1], names[2], "-o", "a.bundle")
            try await here.ruche("bundle", "create", names[2], names[1], names[0], "-o", "b.bundle")
            let (a, b) = (here.folder.appending("a.bundle").string, here.folder.appending("b.bundle").string)
            try await here.tool("cmp", a, b)
            try await RucheFixture.with { there in
                try await there.ruche("bundle", "load", a)
                for name in names { #expect(try await there.shown(name) == here.shown(name)) }
                #expect(try await there.ruche("bundle", "load", a).output.contains("was whole there already"))
                #expect(try isMissingOrEmpty(there.data.appending("content/uploads")))
            }
        }
    }

    /// Copies a bundle with one thing wrong.
    private static let tampering = """
        import io, json, sys, tarfile
        kind, source, target = sys.argv[1:]
        entries = [(m, f.extractfile(m).read()) for f in [tarfile.open(source)] for m in f]
        def put(out, name, data, type=tarfile.REGTYPE, link=""):
            info = tarfile.TarInfo(name); info.size = len(data) if type == tarfile.REGTYPE else 0
            info.type, info.linkname = type, link
            out.addfile(info, io.BytesIO(data))
        with tarfile.open(target, "w", format=tarfile.PAX_FORMAT) as out:
            largest = max(range(1, len(entries)), key=lambda i: len(entries[i][1]))
            for index, (member, data) in enumerate(entries):
                name = member.name
                if index == 0 and kind == "renamed":
                    document = json.loads(data)
                    document["releases"][0]["name"] = "lab/other"
                    data = json.dumps(document).encode()
                if index == 0 and kind == "path":
                    data = json.dumps(json.loads(data) | {"releases": [json.loads(data)["releases"][0] | {"name": "../x"}]}).encode()
                if index == largest and kind == "flipped": data = bytes([data[0] ^ 1]) + data[1:]
                if index == largest and kind == "short": data = data[:-1]
                if index == largest and kind == "lost": continue
                if index == largest and kind == "link": put(out, name, b"", tarfile.SYMTYPE, "/etc/passwd"); continue
                put(out, name, data)
            if kind == "stranger": put(out, "blobs/sha256/" + "0" * 64, b"x")
            if kind == "traversal": put(out, "../../etc/evil", b"x")
        """

    @Test func whatWasTamperedWithIsRefused() async throws {
        try await RucheFixture.with { here in
            let box = try await here.box("small", bytes: 5000)
            try await here.ruche("import", "box", box, "--as", "lab/small:1.0.0")
            try await here.ruche("bundle", "create", "lab/small:1.0.0", "-o", "good.bundle")
            let program = try here.write("tamper.py", Self.tampering).string
            let good = here.folder.appending("good.bundle").string
            for kind in ["flipped", "short", "lost", "link", "stranger", "traversal", "path", "renamed"] {
                let bad = here.folder.appending("\(kind).bundle").string
                try await here.tool("python3", program, kind, good, bad)
                try await RucheFixture.with { there in
                    let result = try await there.run("bundle", "load", bad)
                    #expect(!result.status.isSuccess && result.errorTail.contains("error"), "\(kind): \(result)")
                    #expect(try await there.ruche("image", "list", "--quiet").output == "", "\(kind)")
                }
            }
            let plain = try here.write("plain.bundle", "no bundle at all").string
            try await RucheFixture.with { there in
                let result = try await there.run("bundle", "load", plain)
                #expect(!result.status.isSuccess)
                try await there.ruche("bundle", "load", good)
            }
        }
    }
}
