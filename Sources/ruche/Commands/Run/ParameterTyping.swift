import RucheClient
import RucheCore

/// Reads the text of `--set` as the release's form says.
struct ParameterTyping: Sendable {
    /// The value of a text for a key.
    let value: @Sendable (_ text: String, _ key: String) -> JSONValue

    /// Without a form every value stays text, and the server says what is wrong with it.
    static func of(
        _ release: ReleaseReference, _ client: APIClient, isNeeded: Bool
    ) async throws -> ParameterTyping {
        ParameterTyping { text, _ in .string(text) }
    }
}
