/// One field of a form.
package struct FormField: Hashable, Sendable, Codable {
    package enum Kind: String, Hashable, Sendable, Codable, CaseIterable {
        case integer, number, string, boolean
        /// One of a list of words.
        case `enum`
    }

    package enum Choices: Hashable, Sendable, Codable {
        case listed([JSONValue])
        case magic(MagicList)
    }

    package var key: String
    package var kind: Kind
    package var title: String?
    package var description: String?
    package var isRequired = false
    /// Checked against the field, except where the choices are a magic list.
    package var defaultValue: JSONValue?
    package var minimum: Double?
    package var maximum: Double?
    package var choices: Choices?
    /// Shown to experts only.
    package var isAdvanced = false

    package init(key: String, kind: Kind) {
        self.key = key
        self.kind = kind
    }

    /// What the field takes, for a message.
    package var rule: String {
        var text: String
        switch kind {
        case .integer: text = "a whole number"
        case .number: text = "a number"
        case .string: text = "text"
        case .boolean: text = "true or false"
        case .enum: text = "one of its choices"
        }
        switch (minimum.map(Self.plain), maximum.map(Self.plain)) {
        case (let low?, let high?): text += " from \(low) to \(high)"
        case (let low?, nil): text += ", \(low) or more"
        case (nil, let high?): text += ", \(high) or less"
        case (nil, nil): break
        }
        return text
    }

    static func plain(_ number: Double) -> String {
        Int64(exactly: number).map { "\($0)" } ?? "\(number)"
    }
}
