import RucheCore

/// Checks the values of a job against the form of its release.
enum JobForm {
    /// Returns the values with defaults and types as the form says, and one problem a field that is wrong.
    /// Throws `invalid_form` when the release's own form can't be read.
    static func check(
        _ text: String?, values: [String: JSONValue], inputs: [String], databases: [String], databaseFiles: [String]
    ) throws -> (values: [String: JSONValue], problems: [Problem]) {
        let (form, problems) = Form.parse(text ?? "", file: "form.json")
        guard let form, problems.isEmpty else {
            throw RucheError(.invalidForm, "the form of the release can't be read", problems: problems)
        }
        return form.validate(
            values: values, inputs: inputs, databases: databases, databaseFiles: databaseFiles)
    }
}
