import AsyncHTTPClient
import NIOCore
import NIOHTTP1
package import RucheCore
package import RucheWire

/// Releases from and to other sites.
extension APIClient {
    private static func blob(_ digest: Digest, _ name: EnvironmentName) -> String {
        "/api/v1/transfers/\(name)/blobs/\(digest)"
    }

    package func offer(_ reference: ReleaseReference) async throws -> TransferDocument {
        try await document(APIRequest(.GET, Self.path(reference) + "/transfer"), as: TransferDocument.self)
    }

    /// Publishes a release whose blobs came.
    package func publish(_ transfer: TransferDocument) async throws {
        let reference = ReleaseReference(name: transfer.name, selector: transfer.version.description)
        try await discard(
            APIRequest(.PUT, Self.path(reference) + "/transfer", body: .json(try JSON.encode(transfer))))
    }

    /// Which of these blobs an environment still needs.
    package func missing(_ digests: [Digest], in name: EnvironmentName) async throws -> [Digest] {
        var missing: [Digest] = []
        for start in stride(from: 0, to: digests.count, by: 5000) {
            let part = BlobListDocument(digests: Array(digests[start..<min(start + 5000, digests.count)]))
            missing += try await document(
                APIRequest(.POST, "/api/v1/transfers/\(name)/missing", body: .json(try JSON.encode(part))),
                as: BlobListDocument.self
            ).digests
        }
        return missing
    }

    package func blobState(_ digest: Digest, in name: EnvironmentName) async throws -> BlobStateDocument {
        try await document(APIRequest(.GET, Self.blob(digest, name)), as: BlobStateDocument.self)
    }

    /// Sends bytes of a blob from an offset on.
    package func sendBlob(
        _ digest: Digest, size: Int64, from offset: Int64, in name: EnvironmentName, _ upload: Upload
    ) async throws -> BlobStateDocument {
        try await document(
            APIRequest(
                .PATCH, Self.blob(digest, name), query: [("offset", "\(offset)"), ("size", "\(size)")],
                body: .stream(upload, type: "application/octet-stream")), as: BlobStateDocument.self)
    }

    /// The bytes of a blob from an offset on, as they come. Throws `corrupt_content` when the server sends others than
    /// it is asked for.
    func blob(
        _ digest: Digest, size: Int64, from offset: Int64, of name: EnvironmentName
    ) async throws -> @Sendable () async throws -> ByteBuffer? {
        guard offset < size else { return { nil } }
        var request = APIRequest(.GET, "/v2/\(name)/blobs/\(digest)", accept: "*/*")
        if offset > 0 { request.headers = [("range", "bytes=\(offset)-")] }
        let response = try await send(request)
        guard offset == 0 || response.status == .partialContent else {
            throw RucheError(.internalError, "the server at \(address) can't send \(digest) from byte \(offset) on")
        }
        let reader = BodyReader(response.body, address)
        return { try await reader.next() }
    }
}

/// Reads a response as somebody asks for more of it.
private actor BodyReader {
    private var iterator: HTTPClientResponse.Body.AsyncIterator
    private let address: ServerAddress

    init(_ body: HTTPClientResponse.Body, _ address: ServerAddress) {
        iterator = body.makeAsyncIterator()
        self.address = address
    }

    func next() async throws -> ByteBuffer? {
        var current = iterator
        do {
            let buffer = try await current.next(isolation: self)
            iterator = current
            return buffer
        } catch {
            throw TransportFailure.translate(error, address: address)
        }
    }
}
