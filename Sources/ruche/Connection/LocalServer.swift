import RucheCore
import RucheHost

/// The server over a data directory, in this process.
struct LocalServer: Serving {
    func serve(_ options: ServingOptions, ready: @escaping @Sendable (ServingReport) -> Void) async throws {
        throw RucheError(.unsupported, "this build has no server")
    }
}
