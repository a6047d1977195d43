import Hummingbird
import RucheCore
import RucheService
import RucheWire

extension VagrantRoutes {
    func versionRoutes(_ base: String) -> [Route] {
        let versions = "\(base)/box/{owner}/{name}/versions"
        let version = "\(base)/box/{owner}/{name}/version/{version}"
        return [
            route(.post, versions, .caller, "Makes a version, which is not released yet.", createVersion),
            route(.get, version, .environment, "Shows a version.") { request, context in
                let name = try context.environmentName()
                let found = try await boxes.version(try self.version(context), of: name)
                guard found.status != .unreleased || context.caller.may(.publish, on: name.ownerName) else {
                    throw RucheError(.notFound, "\(name) has no version \(found.version)")
                }
                return try .json(VagrantView(request, context).version(found, of: name))
            },
            route(.put, version, .caller, "Changes a version that is not released.", updateVersion),
            route(.delete, version, .caller, "Removes a version.") { request, context in
                let name = try await writable(context)
                let found = try await boxes.version(try self.version(context), of: name)
                if found.status == .unreleased {
                    try await environments.removeDraft(name, found.version)
                } else {
                    try await environments.catalogue.remove(
                        ReleaseReference(name: name, selector: found.version.description))
                }
                return try .json(VagrantView(request, context).version(found, of: name))
            },
        ] + stateRoutes(version)
    }

    private func stateRoutes(_ version: String) -> [Route] {
        [
            route(.put, version + "/release", .caller, "Releases a version: it never changes again.") {
                request, context in
                let name = try await writable(context)
                let version = try self.version(context)
                _ = try await environments.release(name, version)
                return try .json(
                    VagrantView(request, context).version(try await boxes.version(version, of: name), of: name))
            },
            route(.put, version + "/revoke", .caller, "Withdraws a version.") { request, context in
                let name = try await writable(context)
                let version = try self.version(context)
                try await environments.catalogue.revoke(
                    ReleaseReference(name: name, selector: version.description),
                    reason: "revoked with vagrant by \(context.caller.actor)")
                return try .json(
                    VagrantView(request, context).version(try await boxes.version(version, of: name), of: name))
            },
        ]
    }

    private func createVersion(_ request: Request, _ context: AppRequestContext) async throws -> Response {
        let name = try await writable(context)
        let body = try await request.decodeJSON(Vagrant.VersionRequest.self, context, limit: Self.bodyLimit)
        guard let version = body.version.version.flatMap({ ReleaseVersion($0) }) else {
            throw RucheError(
                .invalidInput, "the version must be numbers with dots, such as 1.0.0, and no \"+\"",
                problems: [
                    Problem(path: "version.version", message: "this is no version", found: body.version.version)
                ])
        }
        let draft = try await environments.createDraft(name, version, description: body.version.description)
        return try .json(
            VagrantView(request, context).version(try await boxes.version(draft.version, of: name), of: name))
    }

    private func updateVersion(_ request: Request, _ context: AppRequestContext) async throws -> Response {
        let name = try await writable(context)
        let version = try self.version(context)
        let body = try await request.decodeJSON(Vagrant.VersionRequest.self, context, limit: Self.bodyLimit)
        guard body.version.version == nil || body.version.version == version.description else {
            throw RucheError(.unsupported, "a version keeps its number: make another one")
        }
        let found = try await boxes.version(version, of: name)
        if let text = body.version.description, text != found.description ?? "" {
            guard found.status == .unreleased else {
                throw RucheError(.immutable, "\(name):\(version) is released and never changes")
            }
            try await environments.changeDraft(name, version) { $0.description = text.isEmpty ? nil : text }
        }
        return try .json(
            VagrantView(request, context).version(try await boxes.version(version, of: name), of: name))
    }
}
