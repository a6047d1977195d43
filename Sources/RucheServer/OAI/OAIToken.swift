import Foundation
import RucheStore

/// Where a list goes on. All of it is in the token: nothing is kept, so it never expires.
struct OAIToken: Codable {
    var prefix: String
    var set: String?
    var from: String?
    var until: String?
    var name: String
    var version: String
    var changedAt: Int64

    var text: String {
        let data = (try? JSONEncoder().encode(self)) ?? Data()  // texts and a number always can be
        return data.base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }

    init(_ request: OAIList, after row: HarvestRow) {
        (prefix, set, from, until) = (request.prefix.rawValue, request.set, request.from, request.until)
        (name, version, changedAt) = (row.name, row.version, row.changedAt)
    }

    /// Throws `OAIError`.
    init(_ text: String) throws {
        let plain = text.replacing("-", with: "+").replacing("_", with: "/")
        let padding = String(repeating: "=", count: (4 - plain.count % 4) % 4)
        guard text.utf8.count < 4096, let data = Data(base64Encoded: plain + padding),
            let value = try? JSONDecoder().decode(Self.self, from: data)
        else { throw OAIError(.badResumptionToken, "the resumptionToken is none of this repository") }
        self = value
    }

    var row: HarvestRow { HarvestRow(name: name, version: version, isRevoked: false, changedAt: changedAt) }
}

/// A form in which records are harvested.
enum OAIPrefix: String, CaseIterable {
    case dublinCore = "oai_dc"
    case datacite = "datacite"

    var schema: String {
        switch self {
        case .dublinCore: "http://www.openarchives.org/OAI/2.0/oai_dc.xsd"
        case .datacite: "https://schema.datacite.org/meta/kernel-4.6/metadata.xsd"
        }
    }

    var namespace: String {
        switch self {
        case .dublinCore: "http://www.openarchives.org/OAI/2.0/oai_dc/"
        case .datacite: DataCite.namespace
        }
    }

    /// Throws `OAIError`.
    static func named(_ text: String?) throws -> OAIPrefix {
        guard let prefix = OAIPrefix(rawValue: text ?? "") else {
            let known = allCases.map(\.rawValue).joined(separator: ", ")
            throw OAIError(
                .cannotDisseminateFormat, "\"\((text ?? "").prefix(60))\" is no format here: use one of \(known)")
        }
        return prefix
    }
}

/// What a list is of.
struct OAIList {
    var prefix: OAIPrefix
    var set: String?
    var from: String?
    var until: String?
    var cursor: HarvestRow?
    var range: Range<Int64>

    /// Throws `OAIError`.
    init(_ request: OAIRequest) throws {
        if let text = request.arguments["resumptionToken"] {
            let token = try OAIToken(text)
            guard let prefix = OAIPrefix(rawValue: token.prefix),
                let range = try? OAIRequest.range(from: token.from, until: token.until)
            else { throw OAIError(.badResumptionToken, "the resumptionToken is none of this repository") }
            self.prefix = prefix
            self.range = range
            (set, from, until, cursor) = (token.set, token.from, token.until, token.row)
        } else {
            prefix = try .named(request.arguments["metadataPrefix"])
            range = try request.range()
            (set, from, until) = (request.arguments["set"], request.arguments["from"], request.arguments["until"])
        }
    }
}
