import HTTPTypes
import Hummingbird
import NIOCore
import RucheCore
import RucheHost
package import RucheService
import RucheWire

/// `GET /metrics` for Prometheus.
package struct MetricsRoutes: Sendable {
    private let site: SiteMetrics
    private let requests: RequestMetrics
    private let listeners: ListenerCount
    private let token: AccessToken?
    private let version: String

    /// With `token` who has it may read the figures over the network, and nothing else.
    package init(
        _ site: SiteMetrics, requests: RequestMetrics, listeners: ListenerCount, token: AccessToken?, version: String
    ) {
        self.site = site
        self.requests = requests
        self.listeners = listeners
        self.token = token
        self.version = version
    }

    package var routes: [Route] {
        [
            Route(
                .get, "/metrics", access: .anyone,
                RouteDocumentation(
                    """
                    Figures in Prometheus' text format; on the private socket, or with the token of the file \
                    `metrics-token` of the data directory.
                    """, response: "text")
            ) { request, context in
                try authorize(request, context)
                return Response(
                    status: .ok, headers: [.contentType: PrometheusText.mediaType, .cacheControl: "no-store"],
                    body: .init(byteBuffer: ByteBuffer(string: try await text())))
            }
        ]
    }

    private func authorize(_ request: Request, _ context: AppRequestContext) throws {
        if context.isLocal { return }
        let parts = (request.headers[.authorization] ?? "").split(separator: " ", maxSplits: 1)
        guard parts.count == 2, parts[0].lowercased() == "bearer", let token, token.matches(parts[1]) else {
            throw RucheError(
                .unauthorized, "the figures need the token of the file \"metrics-token\" in the data directory")
        }
    }

    private func text() async throws -> String {
        var text = PrometheusText()
        text.add(.gauge, "ruche_info", "The program.", [([("version", version)], 1)])
        Self.add(try await site.figures(), to: &text)
        requests.write(to: &text)
        text.add(.gauge, "ruche_event_listeners", "Clients that follow events.", Double(listeners.count))
        if let process = try? ProcessFigures.now() { Self.add(process, to: &text) }  // no /proc here
        return text.text
    }

    private static func add(_ site: SiteFigures, to text: inout PrometheusText) {
        func sorted(_ values: [String: some BinaryInteger], _ label: String) -> [(
            labels: [(String, String)], value: Double
        )] {
            values.sorted { $0.key < $1.key }.map { ([(label, $0.key)], Double($0.value)) }
        }
        text.add(.gauge, "ruche_jobs", "Jobs that are recorded, by state.", sorted(site.jobs, "state"))
        text.add(
            .counter, "ruche_jobs_started_total", "Jobs that began to run.",
            Double(site.counts.events["job.started"] ?? 0))
        text.add(
            .counter, "ruche_jobs_ended_total", "Jobs that ended, by state.", sorted(site.counts.jobsEnded, "state"))
        text.add(
            "ruche_job_seconds", "Seconds that jobs ran, by the state they ended in.",
            site.counts.jobSeconds.sorted { $0.key < $1.key }.map { ([("state", $0.key)], $0.value) })
        text.add(
            .counter, "ruche_operations_ended_total",
            "Builds, imports and other long work that ended, by kind and state.",
            site.counts.operationsEnded.sorted { $0.key.joined(separator: " ") < $1.key.joined(separator: " ") }
                .map { ([("kind", $0.key[0]), ("state", $0.key[1])], Double($0.value)) })
        text.add(
            .counter, "ruche_events_total", "Events that were written, by kind.", sorted(site.counts.events, "kind"))
        text.add(.gauge, "ruche_newest_event", "Sequence number of the newest event.", Double(site.newestEvent))
        text.add(.gauge, "ruche_database_bytes", "Size of the database.", Double(site.databaseBytes))
        text.add(.gauge, "ruche_content_bytes", "Size of all blobs; a few minutes old.", Double(site.contentBytes))
        text.add(
            .gauge, "ruche_engine_ready", "Whether an engine can run jobs.",
            site.engines.sorted { $0.key < $1.key }.map { ([("engine", $0.key)], $0.value ? 1 : 0) })
    }

    private static func add(_ process: ProcessFigures, to text: inout PrometheusText) {
        text.add(.counter, "process_cpu_seconds_total", "CPU time of the server.", process.cpuSeconds)
        text.add(.gauge, "process_resident_memory_bytes", "Memory of the server.", Double(process.residentBytes))
        text.add(.gauge, "process_virtual_memory_bytes", "Addresses of the server.", Double(process.virtualBytes))
        text.add(.gauge, "process_open_fds", "Files the server has open.", Double(process.openFiles))
        text.add(.gauge, "process_max_fds", "Files the server may have open.", Double(process.fileLimit))
        text.add(.gauge, "process_threads", "Threads of the server.", Double(process.threads))
        text.add(.gauge, "process_start_time_seconds", "When the server started.", process.startTime)
    }
}
