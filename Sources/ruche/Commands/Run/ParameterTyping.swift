import RucheClient
import RucheCore
import RucheWire

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
        do {
            return ParameterTyping(form: try await client.release(release).form)
        } catch let error as RucheError where [.notFound, .invalidInput].contains(error.code) {
            // The job's own request says what is wrong with the release.
            return ParameterTyping(form: nil)
        }
    }
}
