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
    private static let fruitless = 9

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

    /// Ends an upload and drops its bytes.
    package func endUpload(_ id: Identifier) async throws {
        var request = APIRequest(.DELETE, "/api/v1/uploads/\(id)")
        request.headers = [Self.version]
        try await discard(request)
    }

    /// Sends what is missing of a file, and goes on after each break. Returns once it is a file of the site that has
    /// the content of this one; throws `corrupt_content` for another.
    package func sendUpload(
        _ id: Identifier, _ path: FilePath, onProgress: (@Sendable (_ sent: Int64) -> Void)? = nil
    ) async throws -> FileDocument {
        let pieces = try UploadPieces(path)
        var attempts = 0
        var looks = 0
        var known: Int64 = -1
        while true {
            do {
                let upload = try await upload(id)
                if upload.offset > known { attempts = 0 }
                known = max(known, upload.offset)
                onProgress?(known)
                if let file = upload.file { return try await self.file(file, of: upload, pieces, path) }
                guard upload.length == pieces.length else {
                    throw RucheError(
                        .invalidInput,
                        "\(path) is not the file of this upload any more: it has another length; upload it anew")
                }
                if try await !append(pieces, of: path, to: upload, onProgress: onProgress) {
                    // All of it is there, and becomes a file.
                    looks += 1
                    try await Task.sleep(for: reconnectDelay * (1 << min(looks, 5)))
                }
            } catch let error as RucheError where Self.isBreak(error) && attempts < Self.fruitless {
                attempts += 1
                await pieces.shrink()
                try await Task.sleep(for: reconnectDelay * (1 << min(attempts, 6)))
            }
        }
    }

    /// The next piece is hashed while one is on its way. False when there was nothing to send.
    private func append(
        _ pieces: UploadPieces, of path: FilePath, to upload: UploadDocument, onProgress: (@Sendable (Int64) -> Void)?
    ) async throws -> Bool {
        var piece = try await pieces.piece(at: upload.offset)
        guard piece != nil else { return false }
        while let current = piece {
            async let next = pieces.piece(at: current.end)
            let body = Upload(file: path, from: current.start, length: current.length) {
                onProgress?(current.start + $0)
            }
            let begin = ContinuousClock.now
            var request = APIRequest(
                .PATCH, "/api/v1/uploads/\(upload.id)", body: .stream(body, type: "application/offset+octet-stream"))
            request.headers = [
                Self.version, ("upload-offset", "\(current.start)"), ("upload-checksum", current.checksum),
            ]
            try await discard(request)
            if ContinuousClock.now - begin < .seconds(1) { await pieces.grow() }
            piece = try await next
        }
        return true
    }

    private func file(
        _ id: Identifier, of upload: UploadDocument, _ pieces: UploadPieces, _ path: FilePath
    ) async throws -> FileDocument {
        let file = try await file(id)
        let digest = try await pieces.digest()
        guard file.digest == digest else {
            // Not checksum_mismatch of a piece: asking again would not help.
            throw RucheError(
                .corruptContent,
                "\(path) is not the file that was begun to be sent: the server has \(file.digest) as file:\(id), and this is \(digest); upload it anew",
                details: ["file": id.description])
        }
        return file
    }

    /// What may be over when it is asked again.
    private static func isBreak(_ error: RucheError) -> Bool {
        [.serverUnavailable, .conflict, .locked, .networkUnavailable, .checksumMismatch].contains(error.code)
    }
}
