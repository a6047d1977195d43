package import RucheCore

/// Short forms for the JSON Schema (2020-12, as OpenAPI 3.1 uses it) of documents.
package enum SchemaBuilder {
    package typealias Schema = JSONValue

    package static let string: Schema = ["type": "string"]
    package static let integer: Schema = ["type": "integer", "format": "int64"]
    package static let number: Schema = ["type": "number"]
    package static let boolean: Schema = ["type": "boolean"]
    /// Any JSON value.
    package static let any: Schema = [:]
    package static let digest: Schema = ["type": "string", "pattern": "^sha256:[0-9a-f]{64}$"]
    package static let identifier: Schema = ["type": "string", "pattern": "^[0-9a-hjkmnp-tv-z]{26}$"]
    package static let environmentName: Schema = ["type": "string", "pattern": "^[^/]+/[^/]+$"]
    package static let milliseconds: Schema = [
        "type": "integer", "format": "int64", "description": "Milliseconds since 1970.",
    ]

    package static func array(_ items: Schema) -> Schema { ["type": "array", "items": items] }
    package static func map(_ values: Schema) -> Schema { ["type": "object", "additionalProperties": values] }
    package static func reference(_ name: String) -> Schema {
        ["$ref": .string("#/components/schemas/\(name)")]
    }
    package static func choice(_ values: [String]) -> Schema {
        ["type": "string", "enum": .array(values.map { .string($0) })]
    }

    /// An object; members that may be absent are in `optional`. Readers ignore members they do not know.
    package static func object(
        _ description: String, _ required: [String: Schema], optional: [String: Schema] = [:]
    ) -> Schema {
        var schema: [String: JSONValue] = [
            "type": "object", "description": .string(description),
            "properties": .object(required.merging(optional) { first, _ in first }),
        ]
        if !required.isEmpty { schema["required"] = .array(required.keys.sorted().map { .string($0) }) }
        return .object(schema)
    }
}
