import NIOHTTP1
package import RucheCore
package import RucheWire

/// Boxes, through the door that `vagrant` uses.
extension APIClient {
    private static func version(_ name: EnvironmentName, _ version: String) -> String {
        "/api/v2/box/\(name)/version/\(PercentEncoding.encode(version))"
    }

    private static func provider(_ name: EnvironmentName, _ version: String, _ box: ForeignBox.Provider) -> String {
        "\(Self.version(name, version))/provider/\(PercentEncoding.encode(box.name))/\(PercentEncoding.encode(box.architecture))"
    }

    /// Throws `not_found`.
    package func boxVersion(_ version: String, of name: EnvironmentName) async throws -> Vagrant.Version {
        try await document(APIRequest(.GET, Self.version(name, version)), as: Vagrant.Version.self)
    }

    package func addBoxVersion(_ version: String, description: String?, of name: EnvironmentName) async throws {
        var members: [String: JSONValue] = ["version": .string(version)]
        members["description"] = description.map { .string($0) }
        let body = try JSON.encode(JSONValue.object(["version": .object(members)]))
        try await discard(APIRequest(.POST, "/api/v2/box/\(name)/versions", body: .json(body)))
    }

    package func addBox(_ box: ForeignBox.Provider, to name: EnvironmentName, _ version: String) async throws {
        var members: [String: JSONValue] = ["name": .string(box.name), "architecture": .string(box.architecture)]
        members["default_architecture"] = box.isDefault.map { .bool($0) }
        members["checksum"] = box.checksum.map { .string($0.hex) }
        members["checksum_type"] = box.checksum.map { .string($0.kind.rawValue) }
        let body = try JSON.encode(JSONValue.object(["provider": .object(members)]))
        try await discard(APIRequest(.POST, Self.version(name, version) + "/providers", body: .json(body)))
    }

    package func removeBox(_ box: ForeignBox.Provider, from name: EnvironmentName, _ version: String) async throws {
        try await discard(APIRequest(.DELETE, Self.provider(name, version, box)))
    }

    /// Whether the file of a box came.
    package func hasBoxFile(_ box: ForeignBox.Provider, of name: EnvironmentName, _ version: String) async throws
        -> Bool
    {
        let upload = try await document(
            APIRequest(.GET, Self.provider(name, version, box) + "/upload/direct"), as: Vagrant.UploadDocument.self)
        do {
            try await discard(APIRequest(.PUT, try Self.path(upload.callback ?? "")))
            return true
        } catch let error as RucheError where [.conflict, .invalidState].contains(error.code) {
            return false
        }
    }

    package func sendBox(
        _ upload: Upload, as box: ForeignBox.Provider, of name: EnvironmentName, _ version: String
    ) async throws {
        let place = try await document(
            APIRequest(.GET, Self.provider(name, version, box) + "/upload"), as: Vagrant.UploadDocument.self)
        try await discard(
            APIRequest(
                .PUT, try Self.path(place.upload_path), body: .stream(upload, type: "application/octet-stream")))
    }

    package func releaseBoxVersion(_ version: String, of name: EnvironmentName) async throws {
        try await discard(APIRequest(.PUT, Self.version(name, version) + "/release"))
    }

    /// The server is reached by this client's address, whatever it believes its own to be.
    private static func path(_ address: String) throws -> String {
        guard let match = address.wholeMatch(of: /https?:\/\/[^\/]+(\/.*)/) else {
            throw RucheError(.internalError, "the server gave no address to send a box to")
        }
        return String(match.output.1)
    }
}
