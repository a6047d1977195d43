import HTTPTypes
import Hummingbird
import RucheCore
import RucheService

/// `POST` of TUS: begins an upload, with its first bytes or without, or puts parts together.
struct UploadCreation: Sendable {
    let uploads: UploadService

    init(_ uploads: UploadService) { self.uploads = uploads }

    func create(_ request: Request, _ context: AppRequestContext) async throws -> Response {
        let headers = request.headers
        let metadata = try UploadMetadata(headers[.uploadMetadata] ?? "")
        let owner = try owner(metadata, context)
        var order = UploadRequest(owner: owner, length: nil, metadata: metadata)
        if let concat = headers[.uploadConcat], concat != "partial" {
            guard headers[.uploadLength] == nil else {
                throw RucheError(.invalidInput, "an upload of parts has no Upload-Length: the parts have theirs")
            }
            return try created(try await uploads.concatenate(try parts(concat), order, header: concat))
        }
        order.isPartial = headers[.uploadConcat] != nil
        order.length = try length(headers)
        let hasBody = headers[.contentType] != nil
        if hasBody { try TUSHeaders.requireBytes(request) }
        let checksum = try headers[.uploadChecksum].map { try UploadChecksum($0) }
        let upload = try await uploads.create(order)
        guard hasBody, upload.state == "receiving" else { return try created(upload) }
        return try created(
            try await UploadRoutes(uploads).receive(request, upload.id, at: 0, checksum: checksum, length: nil))
    }

    private func created(_ upload: Upload) throws -> Response {
        var headers = TUSHeaders.of(upload)
        headers[.location] = "\(UploadRoutes.path)/\(upload.id)"
        return Response(status: .created, headers: headers)
    }

    private func owner(_ metadata: UploadMetadata, _ context: AppRequestContext) throws -> OwnerName {
        guard let text = metadata.owner else {
            try context.caller.require(.run, on: context.caller.owner)
            return context.caller.owner
        }
        guard let owner = text == OwnerName.local.description ? .local : OwnerName(text) else {
            throw RucheError(.invalidInput, "\"\(text.prefix(80))\" is no owner")
        }
        try context.caller.require(.run, on: owner)
        return owner
    }

    private func length(_ headers: HTTPFields) throws -> Int64? {
        switch (headers[.uploadLength], headers[.uploadDeferLength]) {
        case (let text?, nil):
            guard let length = TUSHeaders.number(text) else {
                throw RucheError(.invalidInput, "Upload-Length \"\(text.prefix(40))\" is no number of bytes")
            }
            return length
        case (nil, "1"): return nil
        case (nil, nil):
            throw RucheError(.invalidInput, "Upload-Length is missing: say it, or \"Upload-Defer-Length: 1\"")
        case (nil, _): throw RucheError(.invalidInput, "Upload-Defer-Length can only be 1")
        case (_, _): throw RucheError(.invalidInput, "Upload-Length and Upload-Defer-Length exclude each other")
        }
    }

    /// `final;` and the parts as paths or addresses, with blanks between.
    private func parts(_ header: String) throws -> [Identifier] {
        guard header.hasPrefix("final;") else {
            throw RucheError(.invalidInput, "Upload-Concat is \"partial\", or \"final;\" and the parts")
        }
        return try header.dropFirst(6).split(separator: " ").map { part in
            guard let name = part.split(separator: "/").last, let id = Identifier(name) else {
                throw RucheError(.invalidInput, "\"\(part.prefix(120))\" is no upload of this server")
            }
            return id
        }
    }
}
