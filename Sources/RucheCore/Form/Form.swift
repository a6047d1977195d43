/// The form of a pipeline (`form.json`): what somebody who starts a job may set.
///
/// Fields keep the order they were declared in. The file is JSON, either in the shape of JSON Schema draft 03
/// (`{"type": "object", "properties": {…}}`) or the bare map of fields; an empty file has no fields.
package struct Form: Hashable, Sendable, Codable {
    package var fields: [FormField]

    package init(fields: [FormField] = []) { self.fields = fields }

    package subscript(key: String) -> FormField? { fields.first { $0.key == key } }

    /// The form, or every problem in it with its place. `file` is how the user named the text.
    package static func parse(_ text: String, file: String) -> (form: Form?, problems: [Problem]) {
        FormParser.parse(text, file: file)
    }

    /// The value that the text of a command line (`--set key=value`) stands for. Text that is not of the
    /// field's type stays text, so that the check of the form reports it.
    package func typed(text: String, for key: String) -> JSONValue {
        switch self[key]?.kind {
        case .integer:
            return Int64(text).map(JSONValue.integer) ?? .string(text)
        case .number:
            return Int64(text).map(JSONValue.integer) ?? FormField.number(text).map(JSONValue.number) ?? .string(text)
        case .boolean:
            let words = ["true": true, "yes": true, "1": true, "false": false, "no": false, "0": false]
            return words[text.lowercased()].map(JSONValue.bool) ?? .string(text)
        case .string, .enum, nil:
            return .string(text)
        }
    }
}
