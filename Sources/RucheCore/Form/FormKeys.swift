/// Every key that a form may have.
package enum FormKeys {
    package static let document = KeyTable(
        "", required: ["properties"], optional: ["$schema", "type", "id", "title", "description"])
    package static let field = KeyTable(
        "properties.*",
        optional: [
            "type", "title", "description", "required", "default", "minimum", "maximum", "enum", "advanced_user",
        ])
}
