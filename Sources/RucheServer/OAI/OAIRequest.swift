import Foundation
import RucheCore

/// The arguments of a request, checked as the protocol says.
struct OAIRequest {
    enum Verb: String, CaseIterable {
        case identify = "Identify"
        case listMetadataFormats = "ListMetadataFormats"
        case listSets = "ListSets"
        case listIdentifiers = "ListIdentifiers"
        case listRecords = "ListRecords"
        case getRecord = "GetRecord"

        var required: Set<String> {
            switch self {
            case .identify, .listMetadataFormats, .listSets: []
            case .listIdentifiers, .listRecords: ["metadataPrefix"]
            case .getRecord: ["identifier", "metadataPrefix"]
            }
        }

        var optional: Set<String> {
            switch self {
            case .identify, .getRecord: []
            case .listMetadataFormats: ["identifier"]
            case .listSets: []
            case .listIdentifiers, .listRecords: ["from", "until", "set"]
            }
        }

        /// Whose answers go on with a token, which then is the only argument.
        var goesOn: Bool { [.listSets, .listIdentifiers, .listRecords].contains(self) }
    }

    let verb: Verb
    let arguments: [String: String]

    /// Throws `OAIError`.
    init(_ pairs: [(name: String, value: String)]) throws {
        let verbs = pairs.filter { $0.name == "verb" }
        guard verbs.count == 1, let verb = Verb(rawValue: verbs[0].value) else {
            let known = Verb.allCases.map(\.rawValue).joined(separator: ", ")
            throw OAIError(.badVerb, verbs.count > 1 ? "the verb is given twice" : "the verb is one of \(known)")
        }
        var arguments: [String: String] = [:]
        for (name, value) in pairs where name != "verb" {
            guard arguments.updateValue(value, forKey: name) == nil else {
                throw OAIError(.badArgument, "\"\(name.prefix(60))\" is given twice")
            }
        }
        self.verb = verb
        self.arguments = arguments
        if verb.goesOn, arguments["resumptionToken"] != nil {
            guard arguments.count == 1 else {
                throw OAIError(.badArgument, "a resumptionToken is the only argument besides the verb")
            }
            return
        }
        for name in arguments.keys where !verb.required.union(verb.optional).contains(name) {
            throw OAIError(.badArgument, "\(verb.rawValue) has no argument \"\(name.prefix(60))\"")
        }
        for name in verb.required.sorted() where arguments[name]?.isEmpty ?? true {
            throw OAIError(.badArgument, "\(verb.rawValue) needs the argument \(name)")
        }
    }

    /// From `from` to the end of `until`, in milliseconds since 1970. Throws `OAIError`.
    func range() throws -> Range<Int64> { try Self.range(from: arguments["from"], until: arguments["until"]) }

    static func range(from: String?, until: String?) throws -> Range<Int64> {
        if let from, let until, from.utf8.count != until.utf8.count {
            throw OAIError(.badArgument, "from and until have different granularities")
        }
        let start = try from.map { try time($0).start } ?? 0
        let end = try until.map { try time($0).end } ?? Int64.max
        guard start < end else { throw OAIError(.badArgument, "from is later than until") }
        return start..<end
    }

    private static func time(_ text: String) throws -> (start: Int64, end: Int64) {
        let isDay = text.wholeMatch(of: /[0-9]{4}-[0-9]{2}-[0-9]{2}/) != nil
        let isSecond = text.wholeMatch(of: /[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z/) != nil
        guard isDay || isSecond, let start = Timestamp.milliseconds(isDay ? text + "T00:00:00Z" : text),
            Timestamp.text(start).hasPrefix(text.prefix(10))
        else {
            throw OAIError(.badArgument, "\"\(text.prefix(40))\" is no date: write YYYY-MM-DD or YYYY-MM-DDThh:mm:ssZ")
        }
        return (start, start + (isDay ? 86_400_000 : 1000))
    }
}
