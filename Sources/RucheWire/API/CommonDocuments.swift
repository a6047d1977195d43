package import RucheCore

/// A page of a list. `next` goes back as `?cursor=`; nil is the end.
package struct Page<Item: Codable & Sendable>: Codable, Sendable {
    package var items: [Item]
    package var next: String?
    package init(items: [Item], next: String? = nil) {
        self.items = items
        self.next = next
    }
}

/// An error body: problem details for HTTP APIs (RFC 9457), with the members of this API.
package struct ProblemDocument: Codable, Sendable {
    /// `urn:ruche:error:<code>`
    package var type: String
    package var title: String
    package var status: Int
    package var detail: String
    package var code: ErrorCode
    package var requestID: String?
    package var details: [String: String]
    /// One entry a field or a place.
    package var errors: [Problem]

    enum CodingKeys: String, CodingKey {
        case type, title, status, detail, code, details, errors
        case requestID = "request_id"
    }

    package init(
        title: String, status: Int, detail: String, code: ErrorCode, requestID: String?, details: [String: String],
        errors: [Problem]
    ) {
        type = "urn:ruche:error:\(code.rawValue)"
        self.title = title
        self.status = status
        self.detail = detail
        self.code = code
        self.requestID = requestID
        self.details = details
        self.errors = errors
    }
}

/// `GET /api/v1/operations/{id}`; the member names are those of `OperationRecord` in RucheService.
package struct OperationDocument: Codable, Hashable, Sendable {
    package var id: Identifier
    package var kind: String
    package var title: String
    package var state: String
    package var createdAt: Int64
    package var endedAt: Int64?
    package var progress: Double?
    package var result: JSONValue?
    package var failure: Failure?
    /// Whose members may see it, and who started it.
    package var owner: OwnerName?
    package var createdBy: String?

    package struct Failure: Codable, Hashable, Sendable {
        package var code: ErrorCode
        package var message: String
        package var details: [String: String]
        package var problems: [Problem]
        package init(code: ErrorCode, message: String, details: [String: String], problems: [Problem]) {
            self.code = code
            self.message = message
            self.details = details
            self.problems = problems
        }
    }

    package init(id: Identifier, kind: String, title: String, state: String, createdAt: Int64) {
        self.id = id
        self.kind = kind
        self.title = title
        self.state = state
        self.createdAt = createdAt
    }
}

/// One event, as JSON and as the `data` of a server-sent event whose `id` is `sequence`.
package struct EventDocument: Codable, Hashable, Sendable {
    package var sequence: Int64
    package var time: Int64
    package var subject: String
    package var kind: String
    package var data: JSONValue
    /// Whose members may see it, and who caused it.
    package var owner: OwnerName?
    package var actor: String?
    package init(sequence: Int64, time: Int64, subject: String, kind: String, data: JSONValue) {
        self.sequence = sequence
        self.time = time
        self.subject = subject
        self.kind = kind
        self.data = data
    }
}

/// `GET /api/v1/engines`.
package struct EngineDocument: Codable, Hashable, Sendable {
    package var name: String
    /// What it drives: `oci-runtime`, `docker`, `podman`, …; nil from an older server.
    package var kind: String?
    package var ready: Bool
    /// What it can do with jobs; empty for one that starts instances only.
    package var capabilities: [String]
    package var findings: [String]
    /// What it can do with instances; nil for one that starts none, and from an older server.
    package var instances: [String]?
    /// What it lacks besides to start instances.
    package var instanceFindings: [String]?
    package init(
        name: String, kind: String? = nil, ready: Bool, capabilities: [String], findings: [String]
    ) {
        self.name = name
        self.kind = kind
        self.ready = ready
        self.capabilities = capabilities
        self.findings = findings
    }
}

/// `GET /api/v1/server`.
package struct ServerDocument: Codable, Hashable, Sendable {
    package var version: String
    package var pid: Int32
    package init(version: String, pid: Int32) {
        self.version = version
        self.pid = pid
    }
}

/// `GET /api`: what this server speaks.
package struct VersionsDocument: Codable, Hashable, Sendable {
    package var versions: [String]
    package var features: [String]
    package init(versions: [String], features: [String]) {
        self.versions = versions
        self.features = features
    }
}
