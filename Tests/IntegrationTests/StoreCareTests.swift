import Glibc
import RucheCore
import RucheHost
import RucheWire
import SystemPackage
import Testing

/// Quotas, space, scrubs, collections and full disks, through the real program.
@Suite struct StoreCareTests {
    private static func send(_ site: NetworkSite, _ path: String, _ arguments: String) async throws -> String {
        try await site.fixture.tool(
            "sh", "-c", "curl -sS -u x:\(site.token) -w '\\n%{http_code}' \(arguments) '\(site.address)\(path)'")
    }

    private static func digest(_ site: NetworkSite, _ file: FilePath) async throws -> String {
        "sha256:" + String(try await site.fixture.tool("sha256sum", file.string).prefix(64))
    }

    /// Sends a file as a box, as `vagrant` does; the answer and its status.
    private static func publishBox(_ site: NetworkSite, _ file: FilePath) async throws -> String {
        func ask(_ path: String, _ arguments: String) async throws -> String {
            let headers = "-H 'Authorization: Bearer \(site.token)' -H 'Content-Type: application/json'"
            let url = path.hasPrefix("http") ? path : site.address + path
            return try await site.fixture.tool("sh", "-c", "curl -sS \(headers) \(arguments) '\(url)'")
        }
        _ = try await ask("/api/v1/boxes", "-d '{\"name\":\"box\",\"username\":\"lab\"}'")
        let box = "/api/v1/box/lab/box"
        _ = try await ask("\(box)/versions", "-d '{\"version\":{\"version\":\"1.0\"}}'")
        _ = try await ask("\(box)/version/1.0/providers", "-d '{\"provider\":{\"name\":\"libvirt\"}}'")
        let address = try await ask("\(box)/version/1.0/provider/libvirt/upload", "")
        let url = try #require(address.firstMatch(of: /"upload_path":"([^"]+)"/), "\(address)")
        return try await ask(String(url.output.1), "-w '%{http_code}' -T \(file)")
    }

    @Test func aQuotaHoldsAtEveryDoor() async throws {
        try await NetworkSite.with { site in
            try await site.fixture.ruche("owner", "add", "lab")
            try await site.fixture.ruche("owner", "quota", "lab", "100000")
            let small = try site.fixture.write("small", String(repeating: "s", count: 60_000))
            let large = try site.fixture.write("large", String(repeating: "l", count: 300_000))
            func push(_ file: FilePath, to name: String = "lab/x") async throws -> String {
                try await Self.send(
                    site, "/v2/\(name)/blobs/uploads/?digest=\(try await Self.digest(site, file))",
                    "-X POST --data-binary @\(file)")
            }
            #expect(try await push(small).hasSuffix("201"))
            // It has that already.
            #expect(try await push(small, to: "lab/y").hasSuffix("201"))
            let refused = try await push(large)
            #expect(refused.contains("\"DENIED\"") && refused.hasSuffix("403"), "\(refused)")
            let usage = try await site.fixture.ruche("owner", "quota", "lab", "--quiet").output
            #expect(usage.contains("60000"))
            let full = try await Self.publishBox(site, large)
            #expect(full.contains("too many") && full.hasSuffix("403"), "\(full)")
            try await site.fixture.tool("tar", "-cf", site.fixture.folder.appending("r.tar").string, large.string)
            let imported = try await site.fixture.ruche(
                "release", "import", "r.tar", "--as", "lab/z", "--version", "1.0", code: 14)
            #expect(imported.errorTail.contains("too many"), "\(imported.errorTail)")
            #expect(try await site.fixture.ruche("release", "list", "lab/z", "--quiet").output.isEmpty)
        }
    }

    @Test func spaceIsToldAndFilesAreListed() async throws {
        try await RucheFixture.with { fixture in
            try await fixture.buildBusybox()
            try await fixture.buildBusybox(name: "test/other", job: "echo other")
            let space = try JSONText.whole(
                SpaceDocument.self, try await fixture.ruche("space", "test", "--json").output)
            #expect(space.items.map(\.name) == ["test/other", "test/tiny"])
            #expect(space.items.allSatisfy { $0.uniqueBytes > 0 && $0.sharedBytes > 0 })
            #expect(space.bytes < space.items.reduce(0) { $0 + $1.bytes })
            #expect(try await fixture.ruche("space").output.contains("test"))
            #expect(try await fixture.ruche("space", "test/tiny", "--quiet").output.contains("1.0.0 "))
            let files = try await fixture.ruche("release", "files", "test/tiny", "--quiet").output
            for line in files.split(separator: "\n") {
                let hex = String(line.prefix(64))
                #expect(FileTree.exists(fixture.data.appending("content/blobs/sha256").appending(hex)), "\(line)")
            }
            try await fixture.ruche("release", "revoke", "test/tiny:1.0.0", "--reason", "wrong genome")
            let shown = try await fixture.ruche("release", "show", "test/tiny:1.0.0").output
            #expect(shown.contains("revoked: wrong genome"))
            let found = try await fixture.ruche("search", "tiny", "--all-versions").output
            #expect(found.contains("1.0.0 (revoked)"), "\(found)")
        }
    }

    @Test func aScrubThatIsKilledGoesOn() async throws {
        try await RucheFixture.with { fixture in
            try await fixture.buildBusybox()
            let blobs = fixture.data.appending("content/blobs/sha256")
            let count = try FileTree.names(in: blobs).count
            let layer = try await fixture.tool("sh", "-c", "ls -S \(blobs) | head -n 1").filter { !$0.isWhitespace }
            try await fixture.tool("sh", "-c", "printf x >>\(blobs.appending(layer))")
            // More than half of what there is to read, so that it is killed in the middle.
            let large = blobs.appending(String(repeating: "f", count: 64))
            try await fixture.tool("sh", "-c", "head -c 50000000 /dev/zero >\(large)")
            let served = try await ServedProcess.start(fixture)
            _ = try await fixture.curl("/api/v1/maintenance/scrub?rate=2000000", "-X", "POST")
            let state = fixture.data.appending("content/scrub.json")
            try await eventually(within: .seconds(60), "damage is noted") { FileTree.exists(state) }
            try await served.end(SIGKILL)
            let result = try await fixture.ruche("scrub", "--rate", "none", "--json", code: 12)
            let report = try JSONText.whole(ScrubDocument.self, result.output)
            #expect(report.isResumed && report.blobs == count + 1)
            #expect(report.damaged.map(\.hex).sorted() == [layer, String(repeating: "f", count: 64)])
            #expect(try FileTree.names(in: fixture.data.appending("content/damaged")).count == 2)
            let again = try await fixture.ruche("scrub", "--rate", "none", "--json")
            #expect(try JSONText.whole(ScrubDocument.self, again.output).damaged.isEmpty)
        }
    }

    @Test func aCollectionThatIsKilledLosesNothing() async throws {
        try await RucheFixture.with { fixture in
            try await fixture.buildBusybox()
            try await fixture.ruche("gc")
            let blobs = fixture.data.appending("content/blobs/sha256")
            let before = Set(try FileTree.names(in: blobs))
            try await fixture.tool(
                "sh", "-c", "cd \(blobs); for i in $(seq 3000); do printf %064x $i | xargs touch; done")
            let served = try await ServedProcess.start(fixture)
            _ = try await fixture.curl("/api/v1/maintenance/gc", "-X", "POST")
            try await eventually(within: .seconds(60), "some are gone") {
                (try? FileTree.names(in: blobs).count).map { $0 < 3000 + before.count } == true
            }
            try await served.end(SIGKILL)
            #expect(Set(try FileTree.names(in: blobs)).isSuperset(of: before))
            try await fixture.ruche("gc")
            #expect(Set(try FileTree.names(in: blobs)) == before)
            #expect(try FileTree.names(in: fixture.data.appending("content/leases")).isEmpty)
            try await fixture.ruche("verify")
        }
    }

    @Test func aFullDiskRefusesUploadsAndNothingElse() async throws {
        try await RucheFixture.with { fixture in
            try FileTree.makeFolder(fixture.data)
            try await fixture.tool("mount", "-t", "tmpfs", "-o", "size=120m", "tmpfs", fixture.data.string)
            try await fixture.buildBusybox()
            let big = fixture.folder.appending("big")
            try await fixture.tool("dd", "if=/dev/urandom", "of=\(big)", "bs=1M", "count=150", "status=none")
            try await ServedProcess.with(fixture) { _ in
                func push(_ file: FilePath) async throws -> String {
                    let sum = try await fixture.tool("sha256sum", file.string).prefix(64)
                    return try await fixture.curl(
                        "/v2/lab/x/blobs/uploads/?digest=sha256:\(sum)", "-X", "POST", "--data-binary", "@\(file)",
                        "-w", "%{http_code}")
                }
                #expect(try await push(big).hasSuffix("507"))
                let free = "df --output=avail -B1 \(fixture.data) | tail -1"
                // An upload that was broken off by the full disk goes; now it is filled for good.
                try await fixture.tool(
                    "sh", "-c", "head -c $(($(\(free)) - 3000000)) /dev/zero >\(fixture.data)/filler")
                let small = try fixture.write("small", "x")
                #expect(try await push(small).hasSuffix("507"))
                let status = try await fixture.curl(
                    "/api/v1/uploads", "-X", "POST", "-H", "Tus-Resumable: 1.0.0", "-H", "Upload-Length: 5", "-w",
                    "%{http_code}")
                #expect(status.hasSuffix("507"), "\(status)")
                try await fixture.ruche("env", "set", "test/tiny", "--summary", "still here")
                #expect(try await fixture.ruche("search", "still").output.contains("test/tiny"))
                let pulled = try await fixture.curl(
                    "/v2/test/tiny/manifests/1.0.0", "-o", "/dev/null", "-w", "%{http_code}")
                #expect(pulled == "200")
                try await fixture.tool("rm", fixture.data.appending("filler").string)
                #expect(try await push(small).hasSuffix("201"))
            }
        }
    }
}
