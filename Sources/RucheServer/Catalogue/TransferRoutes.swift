import Hummingbird
import NIOCore
import RucheCore
import RucheImages
package import RucheService
import RucheWire

/// Releases from and to other sites: only the blobs that are missing travel, and what broke off goes on.
package struct TransferRoutes: Sendable {
    /// A release with so many blobs is none that anybody made.
    private static let documentLimit = 64 << 20
    private static let mostDigests = 10_000
    private let transfers: TransferService

    package init(_ transfers: TransferService) { self.transfers = transfers }

    package var routes: [Route] {
        let release = "/api/v1/releases/{owner}/{name}/{version}/transfer"
        return [
            Route(
                .get, release, access: .environment,
                RouteDocumentation("Offers a release to another site, with its blobs.", response: "TransferDocument")
            ) { _, context in
                try .json(TransferDocument(try await transfers.offer(try context.releaseReference())))
            },
            Route(
                .put, release, access: .right(.publish),
                RouteDocumentation(
                    "Publishes a release of another site whose blobs came.", request: "TransferDocument", status: 204),
                handler: publish),
        ] + blobs
    }

    private var blobs: [Route] {
        let blob = "/api/v1/transfers/{owner}/{name}/blobs/{digest}"
        return [
            Route(
                .post, "/api/v1/transfers/{owner}/{name}/missing", access: .right(.publish),
                RouteDocumentation(
                    "Tells which blobs an environment still needs.", request: "BlobListDocument",
                    response: "BlobListDocument")
            ) { request, context in
                let body = try await request.decodeJSON(BlobListDocument.self, context, limit: 2 << 20)
                guard body.digests.count <= Self.mostDigests else {
                    throw RucheError(.invalidInput, "ask for at most \(Self.mostDigests) blobs at once")
                }
                return try .json(
                    BlobListDocument(
                        digests: try await transfers.missing(
                            body.digests, in: try context.environmentName(), visibleTo: context.caller.releaseOwners)))
            },
            Route(
                .get, blob, access: .right(.publish),
                RouteDocumentation("Tells how much of a blob came.", response: "BlobStateDocument")
            ) { _, context in
                let state = try await transfers.state(of: try Self.digest(context), in: try context.environmentName())
                return try .json(BlobStateDocument(offset: state.offset, isComplete: state.isComplete))
            },
            Route(
                .patch, blob, access: .right(.publish),
                RouteDocumentation(
                    "Takes more bytes of a blob; with the last one it is compared with its digest.",
                    query: ["offset": "Where they go, required.", "size": "Bytes of the whole blob, required."],
                    request: "bytes", response: "BlobStateDocument"), handler: receive),
        ]
    }

    private func receive(_ request: Request, _ context: AppRequestContext) async throws -> Response {
        let name = try context.environmentName()
        let digest = try Self.digest(context)
        let size = try Self.bytes("size", request)
        let offset = try Self.bytes("offset", request)
        let state = try await transfers.receive(digest, size: size, at: offset, for: name) { send in
            for try await buffer in request.body { try buffer.withUnsafeReadableBytes { try send($0) } }
        }
        return try .json(BlobStateDocument(offset: state.offset, isComplete: state.isComplete))
    }

    private func publish(_ request: Request, _ context: AppRequestContext) async throws -> Response {
        let body = try await request.decodeJSON(TransferDocument.self, context, limit: Self.documentLimit)
        let reference = try context.releaseReference()
        guard body.name == reference.name, body.version.description == reference.selector else {
            throw RucheError(
                .invalidInput, "the document is of \(body.name):\(body.version), and the address of \(reference)")
        }
        guard body.mirrorOf.map({ $0.utf8.count <= 2000 }) ?? true else {
            throw RucheError(.invalidInput, "the address in mirrorOf is over 2000 bytes")
        }
        try await transfers.publish(body.offer, mirrorOf: body.mirrorOf)
        return .noContent
    }

    private static func digest(_ context: AppRequestContext) throws -> Digest {
        let text = try context.parameter("digest")
        guard let digest = Digest(text) else {
            throw RucheError(.invalidInput, "\"\(text.prefix(160))\" is no digest: write sha256: and 64 hex digits")
        }
        return digest
    }

    private static func bytes(_ name: String, _ request: Request) throws -> Int64 {
        let text = try request.requiredQuery(name)
        guard let number = Int64(text), number >= 0 else {
            throw Request.invalidQuery(name, text, allowed: "a number of bytes")
        }
        return number
    }
}
