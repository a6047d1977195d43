import Hummingbird
import RucheCore
import RucheImages
import RucheService
import RucheWire

/// Boxes of a version. Version 2 of the API names the architecture in the path, version 1 does not.
extension VagrantRoutes {
    func providerRoutes(_ base: String) -> [Route] {
        let version = "\(base)/box/{owner}/{name}/version/{version}"
        return [
            route(.post, version + "/providers", .caller, "Adds a provider to a version.", createProvider)
        ]
            + ["/provider/{provider}", "/provider/{provider}/{architecture}"].flatMap { path in
                [
                    route(.get, version + path, .environment, "Shows a provider of a version.") { request, context in
                        let name = try context.environmentName()
                        let found = try await boxes.version(try self.version(context), of: name)
                        let provider = try context.parameter("provider")
                        guard found.status != .unreleased || context.caller.may(.publish, on: name.ownerName),
                            let box = BoxService.pick(
                                found.variants, provider: provider, architecture: architecture(context))
                        else {
                            throw RucheError(
                                .notFound, "\(name):\(found.version) has no provider \(provider.prefix(60))")
                        }
                        return try .json(VagrantView(request, context).provider(box, found, name))
                    },
                    route(.put, version + path, .caller, "Changes a provider of a version.", updateProvider),
                    route(.delete, version + path, .caller, "Removes a provider of a version.") { _, context in
                        try await boxes.remove(
                            from: try await writable(context), try self.version(context),
                            provider: try context.parameter("provider"), architecture: architecture(context))
                        return .noContent
                    },
                ]
            }
    }

    func architecture(_ context: AppRequestContext) -> String? { context.parameters.get("architecture") }

    private func createProvider(_ request: Request, _ context: AppRequestContext) async throws -> Response {
        let name = try await writable(context)
        let version = try self.version(context)
        let change = try await change(request, context)
        let box = try await boxes.add(change, to: name, version)
        return try .json(
            VagrantView(request, context).provider(box, try await boxes.version(version, of: name), name))
    }

    private func updateProvider(_ request: Request, _ context: AppRequestContext) async throws -> Response {
        let name = try await writable(context)
        let version = try self.version(context)
        let change = try await change(request, context)
        let box = try await boxes.update(
            change, of: name, version, provider: try context.parameter("provider"), architecture: architecture(context))
        return try .json(
            VagrantView(request, context).provider(box, try await boxes.version(version, of: name), name))
    }

    private func change(_ request: Request, _ context: AppRequestContext) async throws -> BoxService.Change {
        let body = try await request.decodeJSON(Vagrant.ProviderRequest.self, context, limit: Self.bodyLimit).provider
        var change = BoxService.Change()
        change.provider = body.name
        change.architecture = body.architecture
        change.isDefault = body.default_architecture
        change.url = body.url
        if let hex = body.checksum, let kind = body.checksum_type, !hex.isEmpty, !kind.isEmpty {
            guard let checksum = FileChecksum(kind: kind, hex: hex) else {
                let kinds = FileChecksum.Kind.allCases.map(\.rawValue).joined(separator: ", ")
                throw RucheError(
                    .invalidInput, "the checksum is none of \(kinds)",
                    problems: [
                        Problem(
                            path: "provider.checksum", message: "this is no \(kind.prefix(20))", found: hex,
                            allowed: kinds)
                    ])
            }
            change.checksum = checksum
        }
        return change
    }
}
