import Hummingbird
import RucheCore
import RucheService
import RucheStore

/// What each verb answers.
struct OAIAnswer {
    let records: RecordService
    let routes: RecordRoutes
    /// `http(s)://HOST[:PORT]`.
    let origin: String

    var base: String { origin + "/oai" }
    private var host: String {
        let authority = origin.drop { $0 != ":" }.dropFirst(3)
        return String(authority.prefix { $0 != ":" })
    }

    static func time(_ milliseconds: Int64) -> String { Timestamp.text(milliseconds).prefix(19) + "Z" }

    func content(_ request: OAIRequest, _ http: Request, _ context: AppRequestContext) async throws -> Markup {
        switch request.verb {
        case .identify: return try await identify()
        case .listMetadataFormats: return try await formats(request)
        case .listSets: return try await sets(request)
        case .getRecord:
            // The format first: what can't be told of any is not looked for.
            let prefix = try OAIPrefix.named(request.arguments["metadataPrefix"])
            let row = try await row(request.arguments["identifier"] ?? "")
            let records = try await told([row], prefix, http, context)
            guard let record = records.first else { throw Self.noRecord(request.arguments["identifier"] ?? "") }
            return "<GetRecord>\(record)</GetRecord>"
        case .listIdentifiers:
            return try await list(request, "ListIdentifiers") { rows, _ in rows.map(header) }
        case .listRecords:
            return try await list(request, "ListRecords") { try await told($0, $1, http, context) }
        }
    }

    private func identify() async throws -> Markup {
        """
        <Identify><repositoryName>\(records.configuration.publisher)</repositoryName><baseURL>\(base)</baseURL>\
        <protocolVersion>2.0</protocolVersion>\
        <adminEmail>\(records.configuration.adminEmail ?? "root@\(host)")</adminEmail>\
        <earliestDatestamp>\(Self.time(try await records.earliestChange()))</earliestDatestamp>\
        <deletedRecord>transient</deletedRecord><granularity>YYYY-MM-DDThh:mm:ssZ</granularity></Identify>
        """
    }

    private func formats(_ request: OAIRequest) async throws -> Markup {
        if let identifier = request.arguments["identifier"] { _ = try await row(identifier) }
        let formats: [Markup] = OAIPrefix.allCases.map { prefix in
            """
            <metadataFormat><metadataPrefix>\(prefix.rawValue)</metadataPrefix><schema>\(prefix.schema)</schema>\
            <metadataNamespace>\(prefix.namespace)</metadataNamespace></metadataFormat>
            """
        }
        return "<ListMetadataFormats>\(formats)</ListMetadataFormats>"
    }

    private func sets(_ request: OAIRequest) async throws -> Markup {
        guard request.arguments["resumptionToken"] == nil else {
            throw OAIError(.badResumptionToken, "the list of sets comes in one piece")
        }
        let owners = try await records.harvestedOwners()
        guard !owners.isEmpty else { throw OAIError(.noRecordsMatch, "there is nothing for everybody yet") }
        let sets: [Markup] = owners.map { "<set><setSpec>\($0)</setSpec><setName>\($0)</setName></set>" }
        return "<ListSets>\(sets)</ListSets>"
    }

    private func list(
        _ request: OAIRequest, _ name: String, _ items: ([HarvestRow], OAIPrefix) async throws -> [Markup]
    ) async throws -> Markup {
        let list = try OAIList(request)
        let owner = list.set.map { OwnerName($0) }
        if case .some(nil) = owner { throw OAIError(.noRecordsMatch, "there is no such set") }
        let size = OAIRoutes.pageSize
        let rows = try await records.harvest(
            owner: owner ?? nil, in: list.range, after: list.cursor, limit: size + 1)
        guard !rows.isEmpty || list.cursor != nil else { throw OAIError(.noRecordsMatch, "nothing matches") }
        let items = try await items(Array(rows.prefix(size)), list.prefix)
        var token: Markup = ""
        if rows.count > size {
            token = "<resumptionToken>\(OAIToken(list, after: rows[size - 1]).text)</resumptionToken>"
        } else if list.cursor != nil {
            token = "<resumptionToken/>"
        }
        return "<\(name)>\(items)\(token)</\(name)>"
    }

    // MARK: Records

    private func identifier(_ row: HarvestRow) -> String { "oai:\(host):\(row.name):\(row.version)" }

    private func row(_ identifier: String) async throws -> HarvestRow {
        let prefix = "oai:\(host):"
        if identifier.hasPrefix(prefix),
            let reference = try? ReleaseReference(parsing: String(identifier.dropFirst(prefix.count))),
            reference.digest == nil, let version = reference.selector.flatMap({ ReleaseVersion($0) }),
            let row = try await records.harvested(reference.name, version)
        {
            return row
        }
        throw Self.noRecord(identifier)
    }

    private static func noRecord(_ identifier: String) -> OAIError {
        OAIError(.idDoesNotExist, "there is no record \"\(identifier.prefix(200))\"")
    }

    private func header(_ row: HarvestRow) -> Markup {
        let status: Markup = row.isRevoked ? " status=\"deleted\"" : ""
        return """
            <header\(status)><identifier>\(identifier(row))</identifier>\
            <datestamp>\(Self.time(row.changedAt))</datestamp>\
            <setSpec>\(row.name.prefix { $0 != "/" })</setSpec></header>
            """
    }

    /// What is told of releases; of one that was removed meanwhile, nothing.
    private func told(
        _ rows: [HarvestRow], _ prefix: OAIPrefix, _ http: Request, _ context: AppRequestContext
    ) async throws -> [Markup] {
        // Of what is next to a release in time only DataCite's form tells.
        let found = try await records.records(
            of: rows.filter { !$0.isRevoked }, neighbours: prefix == .datacite)
        return rows.compactMap { row in
            guard !row.isRevoked else { return "<record>\(header(row))</record>" }
            guard let record = found[row] else { return nil }
            let view = routes.view(record, http, context)
            let metadata = prefix == .datacite ? DataCite(view: view).element : DublinCore(view: view).element
            return "<record>\(header(row))<metadata>\(metadata)</metadata></record>"
        }
    }
}
