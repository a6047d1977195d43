import RucheCore
import RucheHost
import SystemPackage

/// Packages of the original post with plain curl, and know neither socket nor token: curl itself learns of them.
extension JobPreparation {
    private static let home = "/run/ruche-curl"

    /// Whether the job's curl has to learn the way to the server: not without curl in the image, and only where there
    /// is no network, since elsewhere curl has other servers to reach.
    func teachesCurl(_ image: ReleaseImage) async throws -> Bool {
        guard configuration.notifyFolder != nil, !package.contract.network else { return false }
        let layers = try await image.layers()
        return searchPath.split(separator: ":").contains { folder in
            RootedFile.exists(FilePath(String(folder)).appending("curl"), inLayers: layers)
        }
    }

    /// In a header of its own, which steps back behind a token that the script gives itself.
    func curlConfiguration() -> String {
        "unix-socket = \"/run/ruche/notify.sock\"\nheader = \"Ruche-Job-Token: \(token.text)\"\n"
    }

    /// Adds the configuration to a container.
    func teachCurl(_ sandbox: inout SandboxSpec, _ folder: JobFolder) {
        sandbox.mounts.append(.init(source: folder.curl, destination: Self.home + "/.curlrc", readOnly: true))
        sandbox.environment["CURL_HOME"] = Self.home
    }
}
