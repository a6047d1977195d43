import HTTPTypes
package import RucheCore

/// The OpenAPI 3.1 document of a list of routes.
package struct OpenAPIDocument: Sendable {
    package let value: JSONValue
    /// Names of documents that routes use and no schema describes.
    package let unknownSchemas: Set<String>

    /// Routes of other doors are left out: what they say is in their own specifications.
    package init(routes: [Route], version: String) {
        var paths: [String: [String: JSONValue]] = [:]
        var unknown: Set<String> = []
        for route in routes where route.door == .api {
            let template = PathTemplate(route.path)
            paths[template.openAPIPath, default: [:]][route.method.rawValue.lowercased()] = Self.operation(
                route, template, &unknown)
        }
        unknownSchemas = unknown
        value = [
            "openapi": "3.1.0",
            "info": [
                "title": "Ruche", "version": .string(version),
                "description": "Builds scientific environments, catalogues them and runs pipelines in them.",
                "license": ["name": "Apache-2.0", "identifier": "Apache-2.0"],
            ],
            "servers": [["url": "/"]],
            "paths": .object(paths.mapValues { .object($0) }),
            "components": [
                "schemas": .object(Schemas.all),
                "securitySchemes": [
                    "token": ["type": "http", "scheme": "bearer"],
                    "session": ["type": "apiKey", "in": "cookie", "name": "ruche-session"],
                    "jobToken": ["type": "http", "scheme": "bearer", "description": "The token of one job."],
                ],
            ],
        ]
    }

    /// `GET /api/v1/openapi.json`, which describes itself as well. Made when it is asked for: most servers never are.
    package static func route(describing routes: [Route], version: String) -> Route {
        func make(_ routes: [Route]) -> Route {
            Route(
                .get, "/api/v1/openapi.json", access: .anyone,
                RouteDocumentation("Describes this API (OpenAPI 3.1).", response: "Any")
            ) { _, _ in try .json(OpenAPIDocument(routes: routes, version: version).value) }
        }
        return make(routes + [make([])])
    }

    private static func operation(
        _ route: Route, _ template: PathTemplate, _ unknown: inout Set<String>
    ) -> JSONValue {
        let documentation = route.documentation
        var operation: [String: JSONValue] = [
            "summary": .string(documentation.summary),
            "operationId": .string(operationID(route, template)),
            "tags": [.string(tag(template))],
            "security": security(route.access),
        ]
        let query = documentation.query.sorted { $0.key < $1.key }
        let parameters =
            template.parameters.map { parameter($0, in: "path", description: nil) }
            + query.map { parameter($0.key, in: "query", description: $0.value) }
        if !parameters.isEmpty { operation["parameters"] = .array(parameters) }
        if let request = documentation.request {
            operation["requestBody"] = ["required": true, "content": content(request, &unknown)]
        }
        var success: [String: JSONValue] = ["description": "Success."]
        if documentation.status != 204 { success["content"] = content(documentation.response ?? "bytes", &unknown) }
        operation["responses"] =
            [
                "\(documentation.status)": .object(success),
                "default": [
                    "description": "A problem (RFC 9457).",
                    "content": ["application/problem+json": ["schema": SchemaBuilder.reference("ProblemDocument")]],
                ],
            ].asObject
        return .object(operation)
    }

    /// `X`, `[X]`, `Page<X>`, `Lines<X>`, `Any`, or `bytes`.
    private static func content(_ name: String, _ unknown: inout Set<String>) -> JSONValue {
        if name == "bytes" { return ["application/octet-stream": [:]] }
        if name == "text" { return ["text/plain": ["schema": SchemaBuilder.string]] }
        if name == "events" { return ["text/event-stream": ["schema": SchemaBuilder.string]] }
        if name.hasPrefix("Lines<"), name.hasSuffix(">") {
            return ["application/jsonl": ["schema": schema(String(name.dropFirst(6).dropLast()), &unknown)]]
        }
        return ["application/json": ["schema": schema(name, &unknown)]]
    }

    private static func schema(_ name: String, _ unknown: inout Set<String>) -> JSONValue {
        if name == "Any" { return SchemaBuilder.any }
        if name.hasPrefix("["), name.hasSuffix("]") {
            return SchemaBuilder.array(schema(String(name.dropFirst().dropLast()), &unknown))
        }
        if name.hasPrefix("Page<"), name.hasSuffix(">") {
            return SchemaBuilder.object(
                "A page of a list.",
                ["items": SchemaBuilder.array(schema(String(name.dropFirst(5).dropLast()), &unknown))],
                optional: ["next": SchemaBuilder.string])
        }
        guard Schemas.all[name] != nil else {
            unknown.insert(name)
            return SchemaBuilder.any
        }
        return SchemaBuilder.reference(name)
    }

    private static func parameter(_ name: String, in place: String, description: String?) -> JSONValue {
        var parameter: [String: JSONValue] = [
            "name": .string(name), "in": .string(place), "schema": SchemaBuilder.string,
        ]
        if place == "path" { parameter["required"] = true }
        if let description { parameter["description"] = .string(description) }
        return .object(parameter)
    }

    private static func security(_ access: Route.Access) -> JSONValue {
        switch access {
        case .anyone: []
        case .visitor, .environment: [.object([:]), ["token": []], ["session": []]]
        case .caller, .right, .site: [["token": []], ["session": []]]
        case .jobToken: [["jobToken": []]]
        }
    }

    private static func tag(_ template: PathTemplate) -> String {
        for case .literal(let text) in template.segments where !["api", "v1"].contains(text) { return text }
        return "server"
    }

    /// The method and the parts of the path, such as `get_releases_owner_name`.
    private static func operationID(_ route: Route, _ template: PathTemplate) -> String {
        let parts = template.segments.map { segment in
            switch segment {
            case .literal(let text), .capture(let text), .rest(let text), .prefixed(_, let text): text
            }
        }.filter { $0 != "v1" }
        return ([route.method.rawValue.lowercased()] + parts).joined(separator: "_")
            .map { $0.isLetter || $0.isNumber ? String($0) : "_" }.joined()
    }
}

extension [String: JSONValue] {
    fileprivate var asObject: JSONValue { .object(self) }
}
