import Foundation
import RucheCore
import RucheHost
import RucheWire
import SystemPackage
import Testing

/// A job that posts without end.
@Suite struct NotifyFloodTests {
    private static let count = 100_000

    /// Posts over one connection at a time, several requests ahead, and prints how often each status came.
    private static let poster = """
        import collections, json, socket, sys, threading
        path, url, token, count = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
        statuses = collections.Counter()
        def ask(number):
            body = json.dumps({"progress_value": number / count, "progress_label": "x" * 200}).encode()
            head = f"POST {url} HTTP/1.1\\r\\nHost: x\\r\\nAuthorization: Bearer {token}\\r\\n"
            return (head + f"Content-Type: application/json\\r\\nContent-Length: {len(body)}\\r\\n\\r\\n").encode() + body
        connection = socket.socket(socket.AF_UNIX)
        connection.connect(path)
        answers = connection.makefile("rb")
        def read():
            for _ in range(count):
                statuses[answers.readline().split()[1].decode()] += 1
                length = 0
                while (line := answers.readline().strip()):
                    name, _, value = line.partition(b":")
                    if name.lower() == b"content-length": length = int(value)
                answers.read(length)
        reader = threading.Thread(target=read)
        reader.start()
        for start in range(0, count, 100):
            connection.sendall(b"".join(ask(number) for number in range(start + 1, start + 101)))
        reader.join()
        print(json.dumps(statuses))
        """

    private static func memory(_ pid: Int32) throws -> Int {
        let status = try String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8)
        let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("VmRSS") })
        return try #require(Int(line.filter(\.isNumber))) * 1024
    }

    @Test func aHundredThousandNotificationsFillNeitherMemoryNorTheTable() async throws {
        try await RucheFixture.with { fixture in
            let release = try await fixture.buildBusybox(
                job: "while ! test -e /pipeline/outputs/go; do sleep 0.1; done")
            try await ServedProcess.with(fixture) { served in
                let id = try await fixture.ruche("run", release, "--detach", "--quiet").output.filter {
                    !$0.isWhitespace
                }
                try await eventually(within: .seconds(60), "it runs") { try await fixture.job(id).state == .running }
                let token = String(
                    decoding: try AtomicFile.read(fixture.data.appending("jobs/\(id)/token")), as: UTF8.self)
                let before = try Self.memory(served.pid)
                let begin = ContinuousClock.now
                let output = try await fixture.tool(
                    "python3", "-c", Self.poster, fixture.data.appending("run/jobs/notify.sock").string,
                    "/api/v1/jobs/\(id)/notify", token, "\(Self.count)")
                let after = try Self.memory(served.pid)
                let taken = (ContinuousClock.now - begin).seconds
                print(
                    "\(Self.count) notifications in \(taken) s, \(before >> 20) MB, then \(after >> 20) MB: \(output)")
                let statuses = try JSONDecoder().decode([String: Int].self, from: Data(output.utf8))
                #expect(Set(statuses.keys).isSubset(of: ["200", "429"]), "\(statuses)")
                #expect(statuses.values.reduce(0, +) == Self.count && statuses["200"] ?? 0 >= 200)
                #expect(after - before < 100 << 20)
                #expect(try await fixture.job(id).progress == 1, "the last word counts, also when it was too much")
                let events = try JSONText.whole(
                    EventPage.self, try await fixture.curl("/api/v1/events?limit=1000&kind=job.progressed"))
                #expect(events.items.count < 600)
                try AtomicFile.write([], to: fixture.data.appending("jobs/\(id)/outputs/go"))
                try await eventually(within: .seconds(60), "it ends") { try await fixture.job(id).state == .succeeded }
            }
        }
    }
}
