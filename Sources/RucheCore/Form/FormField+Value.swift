extension FormField {
    /// What a value given for the field comes to.
    enum Reading {
        case value(JSONValue)
        /// Nothing was given: null, or blank text where text means nothing.
        case nothing
        case fault(String)
    }

    private static let longestText = 64 << 10

    /// Gives the value its type and checks its range. Numbers may come as text, because old clients send them so.
    func read(_ value: JSONValue) -> Reading {
        if value == .null { return .nothing }
        if let text = value.stringValue {
            if text.utf8.count > Self.longestText { return .fault("is longer than \(Self.longestText) bytes") }
            if text.unicodeScalars.contains("\0") { return .fault("has a null character") }
            if text.isEmpty, kind != .string || isRequired { return .nothing }
        }
        switch kind {
        case .integer:
            return integer(value).map { inRange(.integer($0), Double($0)) } ?? .fault("is not a whole number")
        case .number: return number(value)
        case .boolean: return boolean(value).map { .value(.bool($0)) } ?? .fault("is neither true nor false")
        case .string, .enum:
            if let text = value.stringValue { return .value(.string(text)) }
            guard kind == .enum, let text = value.plainText else { return .fault("is not text") }
            return .value(.string(text))
        }
    }

    private func inRange(_ value: JSONValue, _ number: Double) -> Reading {
        if let minimum, number < minimum { return .fault("is below the minimum") }
        if let maximum, number > maximum { return .fault("is above the maximum") }
        return .value(value)
    }

    private func integer(_ value: JSONValue) -> Int64? {
        switch value {
        case .integer(let number): number
        case .number(let number): Int64(exactly: number)
        case .string(let text): text.wholeMatch(of: /-?[0-9]{1,19}/) != nil ? Int64(text) : nil
        default: nil
        }
    }

    private func number(_ value: JSONValue) -> Reading {
        if let whole = integer(value) { return inRange(.integer(whole), Double(whole)) }
        let number: Double? =
            switch value {
            case .number(let number): number
            case .string(let text): Self.number(text)
            default: nil
            }
        guard let number, number.isFinite else { return .fault("is not a number") }
        return inRange(.number(number), number)
    }

    static func number(_ text: String) -> Double? {
        guard text.utf8.count <= 64, text.wholeMatch(of: /-?[0-9]+(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?/) != nil else {
            return nil
        }
        return Double(text)
    }

    /// The renderer of the originals sends Yes and No.
    private func boolean(_ value: JSONValue) -> Bool? {
        switch value {
        case .bool(let value): value
        case .string(let text): ["true": true, "yes": true, "false": false, "no": false][text.lowercased()]
        default: nil
        }
    }
}

extension JSONValue {
    /// A string as it is, a number as it is written; nil for the rest.
    var plainText: String? {
        switch self {
        case .string(let text): text
        case .integer(let number): "\(number)"
        case .number(let number): FormField.plain(number)
        default: nil
        }
    }

    /// The value for a message: short, and never more than a line.
    var summary: String {
        switch self {
        case .null: "nothing"
        case .bool(let value): "\(value)"
        case .integer, .number: plainText ?? ""
        case .string(let text): SourceNode.quoted(text)
        case .array: "a list"
        case .object: "a map"
        }
    }
}
