import RucheClient
import RucheCore

/// Reads the text of `--set` as the release's form says.
struct ParameterTyping: Sendable {
    private let form: Form?

    init(form: Form?) { self.form = form }

    /// The value of a text for a key. Without a form it stays text, and the server says what is wrong with it.
    func value(_ text: String, _ key: String) -> JSONValue { form?.typed(text: text, for: key) ?? .string(text) }

    /// The form is only asked for when there is something to read.
    static func of(
        _ release: ReleaseReference, _ client: APIClient, isNeeded: Bool
    ) async throws -> ParameterTyping {
        guard isNeeded else { return ParameterTyping(form: nil) }
        let bytes: [UInt8]
        do {
            bytes = try await client.artifact("form", of: try await client.exact(release))
        } catch let error as RucheError where [.notFound, .invalidInput, .unsupported].contains(error.code) {
            return ParameterTyping(form: nil)
        }
        return ParameterTyping(form: Form.parse(String(decoding: bytes, as: UTF8.self), file: "form.json").form)
    }
}
