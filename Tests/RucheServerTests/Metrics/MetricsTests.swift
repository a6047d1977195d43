import HTTPTypes
import NIOCore
import RucheCore
import RucheHost
import RucheServer
import RucheService
import RucheStore
import RucheWire
import Support
import SystemPackage
import Testing

@Suite struct MetricsTests {
    private static let script = """
        import sys
        from prometheus_client.parser import text_string_to_metric_families
        for family in text_string_to_metric_families(open(sys.argv[1]).read()):
            for sample in family.samples:
                print(family.type, sample.name, sorted(sample.labels.items()), sample.value)
        """

    @Test func aRealParserReadsTheFigures() async throws {
        try await Scratch.with { folder in
            let database = try SQLiteDatabase(path: folder.appending("ruche.db"))
            let counts = EventCounts()
            let log = DatabaseEventLog(database: database, observer: counts.observe)
            try await log.append(subject: "job:1", kind: "job.started", data: .null)
            try await log.append(subject: "job:1", kind: "job.ended", data: ["state": "failed", "seconds": 12.5])
            try await log.append(subject: "job:2", kind: "job.ended", data: ["state": "\"invented\"\n"])
            try await log.append(
                subject: "operation:1", kind: "operation.ended", data: ["kind": "build", "state": "succeeded"])
            let requests = RequestMetrics()
            let metrics = MetricsRoutes(
                SiteMetrics(data: folder, database: database, counts: counts, engines: []), requests: requests,
                listeners: ListenerCount(), token: AccessToken("0123456789abcdef-metrics"), version: "1\"\\\n2")
            let routes = metrics.routes + EventRoutes(log).routes
            try await ServedRoutes.with(routes, { $0.metrics = requests }) { addresses in
                let text = try await Self.answers(addresses)
                let path = folder.appending("metrics.txt")
                try AtomicFile.write(Array(text.utf8), to: path)
                try await Self.check(path)
            }
        }
    }

    private static func answers(_ addresses: ListeningAddresses) async throws -> String {
        let port = try #require(addresses.network?.port)
        func get(_ path: String, _ header: String = "") async throws -> String {
            let client = try RawConnection(port: port)
            defer { client.close() }
            try client.send("GET \(path) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\(header)\r\n")
            return try await client.read()
        }
        for path in ["/api/v1/events?after=1", "/nothing/at/all", "/api/v1/events/x"] { _ = try await get(path) }
        #expect(try await get("/metrics").hasPrefix("HTTP/1.1 401"))
        #expect(try await get("/metrics", "Authorization: Bearer 0123456789abcdef0123\r\n").hasPrefix("HTTP/1.1 401"))
        let answer = try await get("/metrics", "Authorization: Bearer 0123456789abcdef-metrics\r\n")
        #expect(answer.contains("text/plain; version=0.0.4"))
        let body = answer.replacing("\r\n", with: "\n").split(separator: "\n\n", maxSplits: 1).last ?? ""
        return String(body).split(separator: "\n").filter { $0.contains(" ") }.joined(separator: "\n") + "\n"
    }

    private static func check(_ path: FilePath) async throws {
        let runner = SystemCommandRunner()
        let hasParser = try await runner.run(Command("python3", ["-c", "import prometheus_client"]), onLine: nil)
        guard hasParser.status.isSuccess else {
            let text = String(decoding: try AtomicFile.read(path), as: UTF8.self)
            #expect(text.contains("ruche_jobs_started_total 1"))
            return
        }
        let result = try await runner.run(Command("python3", ["-c", script, path.string]), onLine: nil)
        #expect(result.status.isSuccess, "\(result.errorTail)")
        let lines = result.output.split(separator: "\n")
        for expected in [
            "counter ruche_jobs_started_total [] 1.0", "counter ruche_jobs_ended_total [('state', 'failed')] 1.0",
            "histogram ruche_job_seconds_bucket [('le', '15'), ('state', 'failed')] 1.0",
            "histogram ruche_job_seconds_sum [('state', 'failed')] 12.5", "gauge ruche_jobs [('state', 'queued')] 0.0",
            "counter ruche_operations_ended_total [('kind', 'build'), ('state', 'succeeded')] 1.0",
            "counter ruche_http_requests_total [('method', 'GET'), ('route', 'none'), ('status', '404')] 2.0",
            "counter ruche_http_requests_total [('method', 'GET'), ('route', '/api/v1/events'), ('status', '401')] 1.0",
            "gauge ruche_event_listeners [] 0.0", "gauge ruche_newest_event [] 4.0",
        ] { #expect(lines.contains { $0 == expected }, "\(expected)") }
        #expect(lines.contains { $0.hasPrefix("gauge process_resident_memory_bytes") && !$0.hasSuffix(" 0.0") })
        #expect(!result.output.contains("invented"), "no label comes from outside")
    }
}
