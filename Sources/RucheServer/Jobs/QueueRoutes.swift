import HTTPTypes
import Hummingbird
import RucheCore
import RucheService
import RucheWire
import SystemPackage

/// What waits and why: `/api/v1/queue`, and the priority of a job.
struct QueueRoutes: Sendable {
    let jobs: JobService

    init(_ jobs: JobService) { self.jobs = jobs }

    var routes: [Route] {
        [
            Route(
                .get, "/api/v1/queue", access: .right(.read),
                RouteDocumentation(
                    "Shows for each engine what its jobs may take, what they take, and how many wait.",
                    response: "[QueueDocument]")
            ) { _, context in
                let owners = context.caller.owners(with: .read)
                return try .json(await jobs.queueOverview().map { QueueDocument($0, owners) })
            },
            Route(
                .get, "/api/v1/queue/jobs", access: .right(.read),
                RouteDocumentation(
                    "Lists jobs that are not over: those that run, then those that wait for room in their order, then the others.",
                    query: [
                        "engine": "Only jobs of this engine.", "owner": "Only jobs of this owner.",
                        "limit": "At most so many, 1 to 1000.", "cursor": "The `next` of the page before.",
                    ], response: "Page<JobSummaryDocument>")
            ) { request, context in try await list(request, context) },
            Route(
                .patch, "/api/v1/jobs/{id}", access: .right(.run),
                RouteDocumentation(
                    "Changes the priority of a job that waits.", request: "JobChange", response: "JobDocument")
            ) { request, context in
                let change = try await request.decodeJSON(JobChange.self, context, limit: 4096)
                let record = try await jobs.job(context.identifier())
                try Self.refusePriority(change.priority, over: record.priority, on: record.ownerName, context)
                let changed = try await jobs.setPriority(record.id, change.priority)
                return try .json(await JobDocument(changed, jobs, context))
            },
        ]
    }

    private func list(_ request: Request, _ context: AppRequestContext) async throws -> Response {
        let limit = try request.pageLimit()
        let start = try request.integer("cursor", in: 0...100_000_000) ?? 0
        let allowed = context.caller.owners(with: .read)
        let records = await jobs.queueOrder(engine: request.query("engine"), owner: request.query("owner"))
            .filter { allowed.contains($0.ownerName) }
        let page = records.dropFirst(start).prefix(limit)
        var items: [JobSummaryDocument] = []
        for record in page { items.append(await JobSummaryDocument(JobSummary(record), jobs)) }
        let next = start + page.count < records.count ? String(start + page.count) : nil
        return try .json(Page(items: items, next: next))
    }

    /// More than the usual priority is taken from who may publish for the owner, not from everybody who may run.
    static func refusePriority(
        _ priority: Int?, over present: Int? = nil, on owner: OwnerName, _ context: AppRequestContext
    ) throws {
        guard let priority, priority > 0, priority > present ?? 0 else { return }
        try context.caller.require(.publish, on: owner)
    }
}

extension JobDocument {
    init(_ record: JobRecord, _ jobs: JobService, _ context: AppRequestContext) async {
        let place = await jobs.place(record.id)
        self.init(
            record, folder: context.isLocal ? jobs.folder(record.id).root.string : nil, place: place,
            estimatedEnd: await jobs.estimatedEnd(record))
    }
}

extension JobSummaryDocument {
    init(_ summary: JobSummary, _ jobs: JobService) async {
        guard !summary.state.isFinal, let record = await jobs.activeRecord(summary.id) else {
            self.init(summary)
            return
        }
        let place = await jobs.place(summary.id)
        self.init(summary, place: place, estimatedEnd: await jobs.estimatedEnd(record))
    }
}

extension Request {
    /// `?owner=` among the owners that the caller may see. Throws `invalid_input` for what is no owner.
    func owners(_ allowed: OwnerSelection) throws -> OwnerSelection {
        guard let text = query("owner") else { return allowed }
        guard let owner = OwnerName(text) else {
            throw Self.invalidQuery("owner", text, allowed: "the name of an owner")
        }
        return allowed.contains(owner) ? .only([owner]) : .only([])
    }
}

extension QueueDocument {
    /// Owners whose jobs the caller may not see are counted, not named.
    init(_ overview: JobQueue.Overview, _ owners: OwnerSelection) {
        self.init(
            engine: overview.engine, ready: overview.isReady, limits: overview.capacity.total,
            ownerLimits: overview.capacity.perOwner, used: overview.used, waiting: overview.waiting,
            held: overview.held,
            owners: overview.owners.filter { OwnerName($0.name).map(owners.contains) ?? (owners == .all) }.map {
                Owner(owner: $0.name, used: $0.used, waiting: $0.waiting)
            })
    }
}
