import HTTPTypes
import Hummingbird
import NIOCore
import RucheCore
package import RucheService
import RucheWire

/// Files that people upload for jobs.
package struct FileRoutes: Sendable {
    private let files: FileService

    package init(_ files: FileService) { self.files = files }

    package var routes: [Route] {
        [
            Route(
                .post, "/api/v1/files", access: .right(.run),
                RouteDocumentation(
                    "Stores the body as a file for jobs.",
                    query: [
                        "name": "The file's name, without folders.", "digest": "The digest the content must have.",
                    ], request: "bytes", response: "FileDocument", status: 201)
            ) { request, _ in
                let name = try request.requiredQuery("name")
                var expected: Digest?
                if let text = request.query("digest") {
                    guard let digest = Digest(text) else {
                        throw Request.invalidQuery("digest", text, allowed: "sha256: and 64 hexadecimal digits")
                    }
                    expected = digest
                }
                if let length = request.headers[.contentLength].flatMap({ Int64($0) }), length > files.limit {
                    throw Request.tooLarge(Int(files.limit))
                }
                let chunks = request.body.map { Array($0.readableBytesView) }
                guard let file = try await files.upload(name: name, expected: expected, chunks) else {
                    throw Request.tooLarge(Int(files.limit))
                }
                return try .json(
                    FileDocument(name: file.name, digest: file.digest, size: file.size), status: .created)
            }
        ]
    }
}
