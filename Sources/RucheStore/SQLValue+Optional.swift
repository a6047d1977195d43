extension SQLValue {
    /// Text, or null.
    package static func optional(_ value: String?) -> SQLValue { value.map { .text($0) } ?? .null }
    /// An integer, or null.
    package static func optional(_ value: Int64?) -> SQLValue { value.map { .integer($0) } ?? .null }
    /// A real number, or null.
    package static func optional(_ value: Double?) -> SQLValue { value.map { .real($0) } ?? .null }
}
