import Hummingbird
import RucheCore
import RucheService
import RucheWire

/// Box files. The address that a client is given is the right to send one file to it, as often as it takes; curl
/// shows nothing else there.
extension VagrantRoutes {
    /// Seconds that an address is good for.
    private static let lifetime: Int64 = 24 * 3600

    func uploadRoutes(_ base: String) -> [Route] {
        let version = "\(base)/box/{owner}/{name}/version/{version}"
        return ["/provider/{provider}", "/provider/{provider}/{architecture}"].flatMap { path in
            ["/upload", "/upload/direct"].map { upload in
                route(.get, version + path + upload, .caller, "Gives the address to send a box file to.") {
                    request, context in
                    try await address(request, context, isDirect: upload.hasSuffix("direct"))
                }
            }
        } + [
            route(.put, "\(base)/uploads/{grant}", .anyone, "Takes a box file.", receive),
            route(.put, "\(base)/uploads/{grant}/done", .caller, "Tells that a box file was sent.") { _, context in
                let grant = try grant(context)
                let found = try await boxes.version(grant.version, of: grant.name)
                let box = BoxService.pick(found.variants, provider: grant.provider, architecture: grant.architecture)
                guard box?.blob != nil else {
                    throw RucheError(
                        .invalidState,
                        "no box file came for \(grant.name):\(grant.version) \(grant.provider): send it again")
                }
                return try .json(["success": true])
            },
        ]
    }

    private func address(
        _ request: Request, _ context: AppRequestContext, isDirect: Bool
    ) async throws -> Response {
        let name = try await writable(context)
        let version = try self.version(context)
        let provider = try context.parameter("provider")
        let found = try await boxes.version(version, of: name)
        guard found.status == .unreleased else {
            throw RucheError(.immutable, "\(name):\(version) is released and never changes: make another version")
        }
        guard let box = BoxService.pick(found.variants, provider: provider, architecture: architecture(context)) else {
            throw RucheError(.notFound, "\(name):\(version) has no provider \(provider.prefix(60))")
        }
        let grant = try signed.sign(
            BoxUploadGrant(
                name: name, version: version, provider: provider, architecture: box.architecture,
                actor: context.caller.actor, expiresAt: SystemTime.milliseconds() / 1000 + Self.lifetime))
        let view = VagrantView(request, context)
        let path = "\(view.origin)\(view.base)/uploads/\(grant)"
        return try .json(Vagrant.UploadDocument(uploadPath: path, callback: isDirect ? path + "/done" : nil))
    }

    private func receive(_ request: Request, _ context: AppRequestContext) async throws -> Response {
        let grant = try grant(context)
        try await Acting.$current.withValue(Acting(actor: grant.actor, owner: grant.name.ownerName)) {
            try await boxes.receive(
                for: grant.name, grant.version, provider: grant.provider, architecture: grant.architecture
            ) { send in
                for try await buffer in request.body { try buffer.withUnsafeReadableBytes { try send($0) } }
            }
        }
        return try .json(["success": true])
    }

    /// Throws `not_found`: an address that was made up names nothing.
    private func grant(_ context: AppRequestContext) throws -> BoxUploadGrant {
        guard let grant = signed.value(BoxUploadGrant.self, try context.parameter("grant")),
            grant.expiresAt > SystemTime.milliseconds() / 1000
        else { throw RucheError(.notFound, "this upload has expired, or the server was restarted: ask for another") }
        return grant
    }
}
