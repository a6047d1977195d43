import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import RucheCore
package import RucheService
import RucheStore

/// The records of public releases for harvesters: OAI-PMH 2.0, one set an owner.
package struct OAIRoutes: Sendable {
    private static let bodyLimit = 16 << 10
    static let pageSize = 100
    let records: RecordService
    let routesOfRecords: RecordRoutes

    package init(_ records: RecordService) {
        self.records = records
        routesOfRecords = RecordRoutes(records)
    }

    package var routes: [Route] {
        [
            Route(.get, "/oai", access: .visitor, door: .page, RouteDocumentation("Harvests records (OAI-PMH 2.0).")) {
                request, context in try await answer(request.uri.query ?? "", request, context)
            },
            Route(.post, "/oai", access: .visitor, door: .page, RouteDocumentation("Harvests records (OAI-PMH 2.0).")) {
                request, context in
                let type = request.headers[.contentType]?.prefix { $0 != ";" }.lowercased() ?? ""
                guard type == "application/x-www-form-urlencoded" else {
                    throw RucheError(.wrongMediaType, "send the arguments as application/x-www-form-urlencoded")
                }
                let body = try await request.bytes(limit: Self.bodyLimit)
                return try await answer(String(buffer: body), request, context)
            },
        ]
    }

    private func answer(_ query: String, _ request: Request, _ context: AppRequestContext) async throws -> Response {
        let answer = OAIAnswer(
            records: records, routes: routesOfRecords,
            origin: records.configuration.publicURL ?? request.origin(context))
        var attributes: Markup = ""
        let content: Markup
        do {
            let arguments = try OAIRequest(Self.pairs(query))
            content = try await answer.content(arguments, request, context)
            attributes = Self.attributes(arguments)
        } catch let error as OAIError {
            // Of a request that is wrong in itself nothing is repeated.
            if ![.badVerb, .badArgument].contains(error.code), let arguments = try? OAIRequest(Self.pairs(query)) {
                attributes = Self.attributes(arguments)
            }
            content = "<error code=\"\(error.code.rawValue)\">\(error.message)</error>"
        }
        let document: Markup = """
            <?xml version="1.0" encoding="UTF-8"?>
            <OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" \
            xsi:schemaLocation="http://www.openarchives.org/OAI/2.0/ http://www.openarchives.org/OAI/2.0/OAI-PMH.xsd">
            <responseDate>\(OAIAnswer.time(SystemTime.milliseconds()))</responseDate>
            <request\(attributes)>\(answer.base)</request>
            \(content)
            </OAI-PMH>

            """
        return Response(
            status: .ok, headers: [.contentType: "text/xml; charset=utf-8", .cacheControl: "no-cache"],
            body: .init(byteBuffer: ByteBuffer(string: document.text)))
    }

    private static func attributes(_ request: OAIRequest) -> Markup {
        let pairs = request.arguments.sorted { $0.key < $1.key }.map { " \($0.key)=\"\($0.value)\"" as Markup }
        return " verb=\"\(request.verb.rawValue)\"\(pairs)"
    }

    /// Names and values of a query or a form, in order.
    private static func pairs(_ query: String) -> [(name: String, value: String)] {
        query.split(separator: "&").prefix(50).map { pair in
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map { part in
                let spaced = part.replacing("+", with: " ")
                return spaced.removingPercentEncoding ?? String(spaced)
            }
            return (parts[0], parts.count > 1 ? parts[1] : "")
        }
    }
}
