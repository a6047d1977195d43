import HTTPTypes
package import Hummingbird
package import NIOCore
package import RucheCore
package import RucheImages
package import SystemPackage

/// Bytes to be served: where from, and what a client may keep of them.
package struct ServedBytes: Sendable {
    package var size: Int64
    package var mediaType: String
    /// A strong validator without its quotes, such as a digest; nil sends none.
    package var entityTag: String?
    /// The name a browser saves it under.
    package var fileName: String?
    /// Chunks from an offset, so many bytes.
    package var open: @Sendable (_ offset: Int64, _ length: Int64) async throws -> BlobStream
    /// The file that holds them and never changes, for connections that can be sent it; nil when there is none.
    package var file: @Sendable () async throws -> SystemPackage.FileDescriptor? = { nil }

    package init(
        size: Int64, mediaType: String, entityTag: String? = nil, fileName: String? = nil,
        open: @escaping @Sendable (_ offset: Int64, _ length: Int64) async throws -> BlobStream
    ) {
        self.size = size
        self.mediaType = mediaType
        self.entityTag = entityTag
        self.fileName = fileName
        self.open = open
    }
}

extension ServedBytes {
    /// Bytes that are in memory.
    package init(_ bytes: [UInt8], mediaType: String, entityTag: String) {
        self.init(size: Int64(bytes.count), mediaType: mediaType, entityTag: entityTag) { offset, length in
            BlobStream { stream in
                stream.yield(Array(bytes[Int(offset)..<Int(offset + length)]))
                stream.finish()
            }
        }
    }

    /// A whole blob of a content store; its digest is the validator.
    package init(
        _ digest: Digest, size: Int64, of content: any ContentStore, mediaType: String = "application/octet-stream",
        fileName: String? = nil
    ) {
        self.init(size: size, mediaType: mediaType, entityTag: digest.description, fileName: fileName) {
            offset, length in try await content.stream(digest, offset: offset, length: length)
        }
        file = { try await content.open(digest) }
    }
}

extension Response {
    /// Serves bytes with `ETag`, `If-None-Match`, `Range` and `If-Range` (RFC 9110), fastest over the connection.
    package static func bytes(
        _ served: ServedBytes, for request: Request, over connection: (any Channel)? = nil
    ) async throws -> Response {
        var headers: HTTPFields = [.contentType: served.mediaType, .acceptRanges: "bytes"]
        if let name = served.fileName { headers[.contentDisposition] = disposition(name) }
        if let tag = served.entityTag {
            headers[.eTag] = "\"\(tag)\""
            headers[.cacheControl] = "private, no-cache"
            if matches(request.headers[.ifNoneMatch], tag) { return Response(status: .notModified, headers: headers) }
        }
        let isCurrent = request.headers[.ifRange].map { $0 == served.entityTag.map { "\"\($0)\"" } } ?? true
        switch isCurrent ? ByteRange.parse(request.headers[.range], size: served.size) : .whole {
        case .whole:
            return try await part(served, request, connection, 0, served.size, status: .ok, headers)
        case .part(let offset, let length):
            headers[.contentRange] = "bytes \(offset)-\(offset + length - 1)/\(served.size)"
            return try await part(served, request, connection, offset, length, status: .partialContent, headers)
        case .unsatisfiable:
            headers[.contentRange] = "bytes */\(served.size)"
            headers[.contentType] = nil
            return Response(status: .rangeNotSatisfiable, headers: headers)
        }
    }

    private static func part(
        _ served: ServedBytes, _ request: Request, _ connection: (any Channel)?, _ offset: Int64, _ length: Int64,
        status: HTTPResponse.Status, _ headers: HTTPFields
    ) async throws -> Response {
        // Opened before the head is sent, so that a missing blob is still a problem document.
        let isEmpty = request.method == .head || length == 0
        if !isEmpty, length >= leastSent, let connection,
            let sent = try await SentFile(to: connection, opening: served.file)
        {
            return Response(status: status, headers: headers, body: body(sent, offset, length))
        }
        let stream: BlobStream? = isEmpty ? nil : try await served.open(offset, length)
        let body = ResponseBody(contentLength: Int(length)) { writer in
            if let stream {
                for try await chunk in stream { try await writer.write(ByteBuffer(bytes: chunk)) }
            }
            try await writer.finish(nil)
        }
        return Response(status: status, headers: headers, body: body)
    }

    /// Bytes below which a file costs more than what reading it does.
    private static let leastSent: Int64 = 64 << 10

    private static func body(_ file: SentFile, _ offset: Int64, _ length: Int64) -> ResponseBody {
        ResponseBody(contentLength: Int(length)) { writer in
            try await file.send(from: offset, length: length)
            try await writer.finish(nil)
        }
    }

    private static func matches(_ header: String?, _ tag: String) -> Bool {
        guard let header else { return false }
        return header.split(separator: ",").contains { item in
            let text = item.trimmingPrefix { $0 == " " }
            return text == "*" || text == "\"\(tag)\"" || text == "W/\"\(tag)\""
        }
    }

    /// The name in ASCII, and as it is (RFC 6266) when that is not the same.
    private static func disposition(_ name: String) -> String {
        let plain = safe(name)
        let header = "attachment; filename=\"\(plain)\""
        if plain == name { return header }
        return header + "; filename*=UTF-8''\(PercentEncoding.encode(name))"
    }

    /// A file name that can't end its quoted string.
    private static func safe(_ name: String) -> String {
        String(name.map { $0.isASCII && !$0.isNewline && $0 != "\"" && $0 != "\\" && $0 != "/" ? $0 : "_" })
    }
}
