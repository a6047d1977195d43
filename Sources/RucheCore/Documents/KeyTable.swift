/// The keys that a map of a document may have. The parser, the JSON Schema and the documentation are held
/// together by these tables.
package struct KeyTable: Sendable {
    /// Where such a map stands, such as `steps[].apt`; empty for the top.
    package var level: String
    package var required: [String]
    package var optional: [String]

    package init(_ level: String, required: [String] = [], optional: [String] = []) {
        self.level = level
        self.required = required
        self.optional = optional
    }

    package var keys: [String] { required + optional }
}
