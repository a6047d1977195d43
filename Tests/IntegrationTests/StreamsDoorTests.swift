import RucheCore
import RucheHost
import Support
import SystemPackage
import Testing

/// Images through the real server with LXD's own client and service.
@Suite struct StreamsDoorTests {
    @Test func lxcListsAndLaunchesFromTheCatalogue() async throws {
        try await NetworkSite.with { site in
            try await site.fixture.buildBusybox(job: "echo hello from ruche", extra: "variants: [oci, lxd]")
            try await EngineDaemon.with(.lxd) { lxd in
                let home = FilePath(try #require(try await lxd.environment()["HOME"]))
                // The command that adds a remote insists on TLS; the configuration takes any address.
                try FileTree.makeFolder(home.appending(".config/lxc"))
                try BusyboxRoot.write(
                    "remotes:\n  site: {addr: \"\(site.address)\", protocol: simplestreams, public: true}\n",
                    to: home.appending(".config/lxc/config.yml"))
                #expect(try await !lxd.client("image", "list", "site:", "--format", "csv").contains("test/tiny"))

                try await site.fixture.ruche("env", "set", "test/tiny", "--public")
                let list = try await lxd.client("image", "list", "site:", "--format", "csv")
                #expect(list.contains("test/tiny"), "\(list)")
                let info = try await lxd.client("image", "info", "site:test/tiny:1.0.0")
                #expect(info.contains("Architecture: x86_64") && info.contains("Type: container"), "\(info)")
                for (index, alias) in ["test/tiny", "test/tiny:1.0.0"].enumerated() {
                    _ = try await lxd.client("launch", "site:\(alias)", "c\(index)")
                    let text = try await lxd.client("exec", "c\(index)", "--", "cat", "/pipeline/job/run.sh")
                    #expect(text.contains("hello from ruche"))
                    _ = try await lxd.client("delete", "--force", "c\(index)")
                }
            }
        }
    }

    @Test func oneTreeServesBothClients() async throws {
        try await NetworkSite.with { site in
            try await site.fixture.buildBusybox(extra: "variants: [oci, lxd]")
            try await site.fixture.buildBusybox(version: "2.0.0", job: "echo two", extra: "variants: [oci, lxd]")
            try await site.fixture.ruche("env", "set", "test/tiny", "--public")
            // Every item is there and is what it is said to be; the fingerprint is the hash of both files together.
            let check = """
                import hashlib, json, sys, urllib.request as u
                base = sys.argv[1] + "/"
                get = lambda path: u.urlopen(base + path).read()
                index = json.loads(get("streams/v1/index.json"))["index"]["images"]
                products = json.loads(get(index["path"]))["products"]
                assert sorted(products) == sorted(index["products"]) and len(products) == 2, products
                for key, product in products.items():
                    (serial, version), = product["versions"].items()
                    assert len(serial) == 15 and serial[:8].isdigit() and serial[8] == "_", serial
                    items = version["items"]
                    files = {name: get(item["path"]) for name, item in items.items()}
                    for name, item in items.items():
                        assert item["size"] == len(files[name]), name
                        assert item["sha256"] == hashlib.sha256(files[name]).hexdigest(), name
                    both = hashlib.sha256(files["lxd.tar.xz"] + files["root.squashfs"]).hexdigest()
                    assert items["lxd.tar.xz"]["combined_squashfs_sha256"] == both
                    assert items["incus.tar.xz"] == items["lxd.tar.xz"] | {"ftype": "incus.tar.xz"}
                aliases = {a for p in products.values() for a in p["aliases"].split(",")}
                assert aliases == {"test/tiny", "test/tiny:1.0.0", "test/tiny:2.0.0"}, aliases
                newest, = [p for p in products.values() if "test/tiny" in p["aliases"].split(",")]
                assert newest["release"] == "2.0.0", newest
                print("whole")
                """
            let script = try site.fixture.write("check.py", check)
            #expect(try await site.fixture.tool("python3", script.string, site.address).contains("whole"))
        }
    }

    /// The lists are kept from one request to the next: never past a change, and never for somebody else.
    @Test func whatIsKeptOfAListTellsNobodyMore() async throws {
        try await NetworkSite.with { site in
            let fixture = site.fixture
            func status(_ tag: String) async throws -> String {
                try await fixture.tool(
                    "curl", "-sS", "-o", "/dev/null", "-w", "%{http_code}", "-H", "If-None-Match: \(tag)",
                    "\(site.address)/streams/v1/images.json")
            }
            let owner = ["-u", "x:\(site.token)"]
            try await fixture.buildBusybox(extra: "variants: [oci, lxd]")
            try await fixture.buildBusybox(name: "test/hidden", job: "echo hidden", extra: "variants: [oci, lxd]")
            for _ in 0..<2 {
                #expect(try await site.images(owner[0], owner[1]) == ["test/tiny", "test/hidden"])
                #expect(try await site.images() == [])
            }
            try await fixture.ruche("env", "set", "test/tiny", "--public")
            #expect(try await site.images() == ["test/tiny"])
            #expect(try await site.images(owner[0], owner[1]) == ["test/tiny", "test/hidden"])
            #expect(try await site.images() == ["test/tiny"])

            let head = try await fixture.tool("curl", "-sS", "-I", "\(site.address)/streams/v1/images.json")
            let line = head.split(whereSeparator: \.isNewline).first { $0.lowercased().hasPrefix("etag: ") }
            let tag = String(try #require(line).dropFirst(6))
            #expect(head.lowercased().contains("vary: authorization, cookie"), "\(head)")
            #expect(try await status(tag) == "304")
            try await fixture.buildBusybox(version: "2.0.0", job: "echo two", extra: "variants: [oci, lxd]")
            #expect(try await status(tag) == "200")

            try await fixture.ruche("env", "set", "test/tiny", "--private")
            #expect(try await site.images() == [])
            try await fixture.ruche("env", "set", "test/tiny", "--public")
            try await fixture.ruche("image", "remove", "test/tiny:1.0.0")
            try await fixture.ruche("image", "revoke", "test/tiny:2.0.0", "--reason", "wrong")
            #expect(try await site.images() == [])
            #expect(try await site.images(owner[0], owner[1]) == ["test/hidden"])
        }
    }
}

extension NetworkSite {
    /// Names of the environments whose images the list has.
    fileprivate func images(_ arguments: String...) async throws -> Set<String> {
        struct List: Decodable { var products: [String: JSONValue] }
        let text = try await fixture.runner.runChecked(
            Command("curl", ["-sS"] + arguments + ["\(address)/streams/v1/images.json"])
        ).output
        return Set(try JSONText.whole(List.self, text).products.keys.map { String($0.prefix { $0 != ":" }) })
    }
}
