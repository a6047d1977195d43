import Hummingbird
import RucheCore
import RucheImages
import RucheService
import RucheWire

extension VagrantRoutes {
    func boxRoutes(_ base: String) -> [Route] {
        [
            route(.post, "\(base)/boxes", .caller, "Makes a box.", create),
            route(.get, "\(base)/box/{owner}/{name}", .environment, "Shows a box with its versions.") {
                request, context in
                let record = try await environments.environment(try context.environmentName())
                return try .json(try await box(record, VagrantView(request, context), context, isFull: true))
            },
            route(.put, "\(base)/box/{owner}/{name}", .caller, "Changes a box.", update),
            route(.delete, "\(base)/box/{owner}/{name}", .caller, "Removes a box with its versions.") {
                request, context in
                let name = try await writable(context)
                let record = try await environments.environment(name)
                let document = try await box(record, VagrantView(request, context), context, isFull: true)
                try await environments.removeWithReleases(name)
                return try .json(document)
            },
        ]
    }

    private func create(_ request: Request, _ context: AppRequestContext) async throws -> Response {
        let body = try await request.decodeJSON(Vagrant.BoxRequest.self, context, limit: Self.bodyLimit)
        let owner = body.username ?? context.caller.owner.description
        let text = "\(owner)/\(body.name ?? "")"
        guard let name = EnvironmentName(text) else {
            throw RucheError(
                .invalidInput,
                "\"\(text.prefix(160))\" can't be the name of a box here: lower case, digits and single . _ -")
        }
        try context.caller.require(.publish, on: name.ownerName)
        // What a client of Vagrant Cloud does not call private is public there.
        var profile = EnvironmentProfile(visibility: body.is_private == true ? .private : .public)
        profile.summary = body.short_description
        profile.description = body.description
        let record = try await environments.create(name, profile)
        return try .json(try await box(record, VagrantView(request, context), context, isFull: true))
    }

    private func update(_ request: Request, _ context: AppRequestContext) async throws -> Response {
        let name = try await writable(context)
        let body = try await request.decodeJSON(Vagrant.BoxRequest.self, context, limit: Self.bodyLimit)
        guard body.name == nil || body.name == name.name else {
            throw RucheError(.unsupported, "a box keeps its name")
        }
        let record = try await environments.update(name) { profile in
            if let text = body.short_description { profile.summary = text.isEmpty ? nil : text }
            if let text = body.description { profile.description = text.isEmpty ? nil : text }
            if let isPrivate = body.is_private { profile.visibility = isPrivate ? .private : .public }
        }
        return try .json(try await box(record, VagrantView(request, context), context, isFull: true))
    }

    /// Who may publish sees versions that are not released.
    func box(
        _ record: EnvironmentRecord, _ view: VagrantView, _ context: AppRequestContext, isFull: Bool
    ) async throws -> Vagrant.Box {
        let mayPublish = context.caller.may(.publish, on: record.name.ownerName)
        let versions = try await boxes.versions(of: record.name, drafts: isFull && mayPublish)
        var document = Vagrant.Box(
            createdAt: VagrantView.time(record.createdAt), updatedAt: VagrantView.time(record.updatedAt),
            tag: record.name.description, name: record.name.name, username: record.name.owner,
            isPrivate: record.profile.visibility == .private,
            downloads: try await environments.downloads(of: record.name))
        document.short_description = record.profile.summary ?? ""
        document.description = record.profile.description ?? ""
        document.description_markdown = record.profile.description ?? ""
        document.description_html = Markdown.html(record.profile.description ?? "")
        document.current_version = versions.first { $0.status == .active }.map { view.version($0, of: record.name) }
        if isFull {
            document.versions = versions.map { view.version($0, of: record.name) }
        }
        return document
    }
}
