import RucheCore

/// Checks the values of a job against the form of its release.
enum JobForm {
    /// Returns the values with defaults and types as the form says, and one problem a field that is wrong.
    static func check(
        _ text: String?, values: [String: JSONValue], inputs: [String], databases: [String], databaseFiles: [String]
    ) throws -> (values: [String: JSONValue], problems: [Problem]) {
        (values, [])
    }
}
