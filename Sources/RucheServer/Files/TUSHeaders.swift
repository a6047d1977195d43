import Glibc
import HTTPTypes
import Hummingbird
import RucheCore
import RucheService

/// What every request and answer of TUS carries.
enum TUSHeaders {
    static let extensions = [
        "creation", "creation-with-upload", "creation-defer-length", "checksum", "expiration", "termination",
        "concatenation",
    ]

    static var common: HTTPFields { [.tusResumable: UploadRoutes.version] }

    /// Checks the version, and gives problems the headers of the protocol too.
    static func answering(
        _ request: Request, _ context: AppRequestContext, _ body: () async throws -> Response
    ) async throws -> Response {
        do {
            guard request.headers[.tusResumable] == UploadRoutes.version else {
                throw RucheError(
                    .wrongProtocolVersion,
                    "send \"Tus-Resumable: \(UploadRoutes.version)\": no other version is spoken here")
            }
            return try await body()
        } catch let error as RucheError {
            var response = ErrorReport(error, requestID: context.requestID).response()
            response.headers[.tusResumable] = UploadRoutes.version
            if error.code == .wrongProtocolVersion { response.headers[.tusVersion] = UploadRoutes.version }
            return response
        }
    }

    /// The state of an upload.
    static func of(_ upload: Upload) -> HTTPFields {
        var headers = common
        headers[.uploadOffset] = "\(upload.offset)"
        if let length = upload.length { headers[.uploadLength] = "\(length)" }
        if upload.file == nil { headers[.uploadExpires] = date(upload.expiresAt) }
        if let file = upload.file { headers[.rucheFile] = file.description }
        if let digest = upload.digest { headers[.rucheDigest] = digest.description }
        return headers
    }

    /// A whole number of at most 18 digits.
    static func number(_ text: String) -> Int64? {
        guard (1...18).contains(text.utf8.count), text.utf8.allSatisfy({ (48...57).contains($0) }) else { return nil }
        return Int64(text)
    }

    /// Throws `unsupported_media_type` for another type than the one of pieces of uploads.
    static func requireBytes(_ request: Request) throws {
        guard request.headers[.contentType] == "application/offset+octet-stream" else {
            throw RucheError(
                .wrongMediaType, "the bytes of an upload come as \"Content-Type: application/offset+octet-stream\"")
        }
    }

    /// RFC 9110, 5.6.7.
    static func date(_ milliseconds: Int64) -> String {
        var time = time_t(milliseconds / 1000)
        var parts = tm()
        gmtime_r(&time, &parts)
        // The program never leaves the C locale, whose names are English.
        var text = [CChar](repeating: 0, count: 40)
        let count = strftime(&text, text.count, "%a, %d %b %Y %H:%M:%S GMT", &parts)
        return String(decoding: text.prefix(count).map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}
