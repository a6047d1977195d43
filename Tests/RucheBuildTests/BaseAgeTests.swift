import Glibc
import RucheCore
import RucheHost
import RucheImages
import Support
import SystemPackage
import Testing

@testable import RucheBuild

/// When a Debian base is made again, and from where.
@Suite(.enabled(if: Machine.canBuild, "needs root, runc and mmdebstrap"), .serialized)
struct BaseAgeTests {
    @Test func anOldBaseIsMadeAgain() async throws {
        try await Machine.withFolder { folder in
            let young = try await SharedBase.shared.site(in: folder)
            let before = try await young.build(try young.request())
            #expect(young.outcomes[0]?.state == .reused)
            let later = Int64(time(nil)) + 31 * 86400
            let site = try BuildSite(in: folder, at: later)
            let plan = try await site.builder.plan(try site.request())
            #expect(plan.first?.reused == false)
            #expect(plan.first?.reason == "base older than 30 days")
            #expect(try await site.builder.plan(try site.request { $0.baseMaxAge = 40 }).first?.reused == true)
            let after = try await site.build(try site.request { $0.version = ReleaseVersion("2") ?? $0.version })
            #expect(site.outcomes[0]?.state == .built)
            #expect(after.lock.base.mirror == before.lock.base.mirror)
            #expect(try await site.builder.plan(try site.request()).first?.reused == true, "it is young again")
        }
    }

    @Test func refreshMakesAYoungBaseAgain() async throws {
        try await Machine.withFolder { folder in
            let site = try await SharedBase.shared.site(in: folder)
            var request = try site.request()
            request.refresh = true
            let plan = try await site.builder.plan(request)
            #expect(plan.first?.reused == false && plan.first?.reason == "--refresh")
            _ = try await site.build(request)
            #expect(site.outcomes[0]?.state == .built)
            request.refresh = false
            #expect(try await site.builder.plan(request).first?.reused == true)
        }
    }

    /// A snapshot service: the machine's own mirror as it was at one time, and nothing at any other.
    private static let service = """
        import http.client, http.server, sys, time, urllib.error, urllib.request
        mirror, prefix = sys.argv[1], "/archive/debian/20260101T000000Z/"
        def fetch(url):
            for left in (2, 1, 0):
                try:
                    with urllib.request.urlopen(url, timeout=60) as answer:
                        return answer.read()
                except urllib.error.HTTPError:
                    raise
                except (OSError, http.client.HTTPException):
                    # What can't be reached, and what stops in the middle: the mirror may just be busy.
                    if not left:
                        raise
                    time.sleep(1)
        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            def do_GET(self):
                print("asked", self.path, flush=True)
                if not self.path.startswith(prefix):
                    return self.send_error(404)
                try:
                    body = fetch(mirror + "/" + self.path[len(prefix):])
                except urllib.error.HTTPError as error:
                    return self.send_error(error.code)
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)
            def log_message(self, *arguments):
                pass
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        print("port", server.server_address[1], flush=True)
        server.serve_forever()
        """

    /// Runs `body` with the address of the service and what it was asked for so far.
    private func withService(
        _ folder: FilePath, _ body: (_ url: String, _ asked: () -> [String]) async throws -> Void
    ) async throws {
        let mirror = try #require(AptSource.ofMachine(in: "/etc/apt").first { $0.suites.contains("bookworm") }?.uri)
        let script = folder.appending("service.py")
        try AtomicFile.write(Array(Self.service.utf8), to: script)
        let lines = Collected<String>()
        let (ports, port) = AsyncStream.makeStream(of: String.self)
        let service = Task {
            try await SystemCommandRunner().run(
                Command("python3", [script.string, mirror.hasSuffix("/") ? String(mirror.dropLast()) : mirror])
            ) { line in
                let words = line.text.split(separator: " ").map(String.init)
                if words.first == "port", let number = words.last { port.yield(number) }
                if words.first == "asked", let path = words.last { lines.add(path) }
            }
        }
        defer { service.cancel() }
        var number: String?
        for await next in ports {
            number = next
            break
        }
        let url = "http://127.0.0.1:\(try #require(number))/archive/debian/{timestamp}"
        try await body(url) { lines.all }
        service.cancel()
        _ = try? await service.value
    }

    @Test func aSnapshotIsWhereEverythingComesFrom() async throws {
        try await Machine.withFolder { folder in
            try await withService(folder) { url, asked in
                let year = Int64(time(nil)) + 400 * 86400
                let site = try BuildSite(in: folder, at: year) { $0.snapshotURL = url }
                let request = try site.request {
                    $0.snapshot = "20260101T000000Z"
                    $0.steps = [.apt(AptStep(packages: ["hello"]))]
                    $0.tests = ["hello | grep -q world"]
                }
                let result = try await site.build(request)
                let place = url.replacing("{timestamp}", with: "20260101T000000Z")
                #expect(result.lock.base.snapshot == "20260101T000000Z")
                #expect(result.lock.base.mirror == place)
                #expect(result.lock.apt["hello"] != nil)
                #expect(asked().contains { $0.hasSuffix("/dists/bookworm/InRelease") })
                #expect(asked().contains { $0.contains("/pool/main/h/hello/hello_") })
                #expect(asked().allSatisfy { $0.hasPrefix("/archive/debian/20260101T000000Z/") })
                let layers = try await site.layerFolders(result.release)
                let list = String(
                    decoding: try AtomicFile.read(layers[0].appending("etc/apt/sources.list")), as: UTF8.self)
                #expect(list == "deb [check-valid-until=no] \(place) bookworm main\n")
                // No time in it is later than the snapshot, and it never grows old.
                #expect(try await site.config(result.release).created == "2026-01-01T00:00:00Z")
                #expect(try await site.builder.plan(request).allSatisfy(\.reused))
                let other = try site.request { $0.snapshot = "20260102T000000Z" }
                let error = await #expect(throws: RucheError.self) { try await site.build(other) }
                #expect(error?.message.contains("20260102T000000Z") == true)
            }
        }
    }
}
