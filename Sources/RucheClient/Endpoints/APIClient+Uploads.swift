import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
package import RucheCore
package import RucheWire
package import SystemPackage

/// Uploads that go on after a break (TUS 1.0.0).
extension APIClient {
    private static let version = ("tus-resumable", "1.0.0")
    /// Attempts that bring not one byte further before an upload is given up.
    private static let fruitless = 6

    package func upload(_ id: Identifier) async throws -> UploadDocument {
        try await document(APIRequest(.GET, "/api/v1/uploads/\(id)"), as: UploadDocument.self)
    }

    /// Begins an upload of so many bytes.
    package func beginUpload(name: String, length: Int64, owner: String? = nil) async throws -> Identifier {
        var metadata = "filename \(Data(name.utf8).base64EncodedString())"
        if let owner { metadata += ",owner \(Data(owner.utf8).base64EncodedString())" }
        var request = APIRequest(.POST, "/api/v1/uploads")
        request.headers = [Self.version, ("upload-length", "\(length)"), ("upload-metadata", metadata)]
        let response = try await send(request)
        _ = try await reading { try await response.body.collect(upTo: 1 << 16) }
        let location = response.headers.first(name: "location") ?? ""
        guard let id = Identifier(location.split(separator: "/").last ?? "") else {
            throw RucheError(.internalError, "the server did not say where the bytes of \(name) go")
        }
        return id
    }

    /// Sends what is missing of a file, and goes on after each break. Returns once it is a file of the site.
    package func sendUpload(
        _ id: Identifier, _ path: FilePath, onProgress: (@Sendable (_ sent: Int64) -> Void)? = nil
    ) async throws -> FileDocument {
        var attempts = 0
        var known: Int64 = -1
        while true {
            let upload = try await upload(id)
            if let file = upload.file { return try await self.file(file) }
            if upload.offset > known { attempts = 0 }
            known = max(known, upload.offset)
            onProgress?(known)
            do {
                try await append(upload, path, onProgress: onProgress)
            } catch let error as RucheError where Self.isBreak(error) && attempts < Self.fruitless {
                attempts += 1
                try await Task.sleep(for: reconnectDelay * (1 << attempts))
            }
        }
    }

    private func append(
        _ upload: UploadDocument, _ path: FilePath, onProgress: (@Sendable (Int64) -> Void)?
    ) async throws {
        let start = upload.offset
        let body = try Upload(file: path, from: start) { onProgress?(start + $0) }
        guard upload.length == start + (body.length ?? 0) else {
            throw RucheError(
                .invalidInput, "\(path) is not the file of this upload any more: it has another length; upload it anew")
        }
        var request = APIRequest(
            .PATCH, "/api/v1/uploads/\(upload.id)", body: .stream(body, type: "application/offset+octet-stream"))
        request.headers = [Self.version, ("upload-offset", "\(start)")]
        try await discard(request)
    }

    /// What may be over when it is asked again.
    private static func isBreak(_ error: RucheError) -> Bool {
        [.serverUnavailable, .conflict, .locked, .networkUnavailable].contains(error.code)
    }
}
