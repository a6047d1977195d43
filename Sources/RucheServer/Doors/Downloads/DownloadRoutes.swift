import Foundation
import HTTPTypes
import Hummingbird
import RucheCore
import RucheImages
package import RucheService
import RucheWire

/// Releases as plain files, for `curl`, `wget` and `sha256sum`.
package struct DownloadRoutes: Sendable {
    private static let sums = "SHA256SUMS"
    private let downloads: DownloadService

    package init(_ downloads: DownloadService) { self.downloads = downloads }

    package var routes: [Route] {
        let release = "/files/{owner}/{name}/{version}"
        func route(
            _ path: String, _ summary: String,
            _ handler: @escaping @Sendable (Request, AppRequestContext, Release) async throws -> Response
        ) -> Route {
            Route(.get, path, access: .environment, door: .files, RouteDocumentation(summary)) { request, context in
                let reference = try context.releaseReference()
                let found = try await downloads.release(reference)
                // An address with a tag is not that of a file which never changes.
                guard reference.selector == found.version.description else {
                    let rest = context.parameters.get("file") ?? (path.hasSuffix(Self.sums) ? Self.sums : "")
                    return Response(
                        status: .temporaryRedirect,
                        headers: [
                            .location: "/files/\(found.name)/\(found.version)/\(PercentEncoding.encode(rest))",
                            .cacheControl: "no-cache",
                        ])
                }
                return try await handler(request, context, found)
            }
        }
        return [
            route(release, "Lists the files of a release.", list), route(release + "/", "Lists them.", list),
            route(release + "/\(Self.sums)", "Sends the checksums of the files of a release.") {
                request, context, release in
                let bytes = Array(try await downloads.sums(of: release).utf8)
                let file = DownloadFile(
                    name: Self.sums, mediaType: "text/plain; charset=utf-8", parts: [.bytes(bytes)],
                    source: release.digest)
                return try await send(file, StreamHasher.digest(of: bytes), release, request, context)
            },
            route(release + "/{file}", "Sends a file of a release.") { request, context, release in
                let file = try await downloads.file(try context.parameter("file"), of: release)
                if request.method == .get, request.headers[.range] == nil {
                    await downloads.countDownload(of: file, release)
                }
                return try await send(file, try await downloads.digest(of: file), release, request, context)
            },
        ]
    }

    private func send(
        _ file: DownloadFile, _ digest: Digest, _ release: Release, _ request: Request, _ context: AppRequestContext
    ) async throws -> Response {
        let content = downloads.content
        var served = ServedBytes(
            size: file.size, mediaType: file.mediaType, entityTag: digest.description, fileName: file.name
        ) { offset, length in file.stream(offset: offset, length: length, from: content) }
        if file.digest == digest { served.file = { try await content.open(digest) } }
        var response = try await Response.bytes(served, for: request, over: context.channel)
        let value = Self.base64(digest)
        response.headers[.reprDigest] = "sha-256=:\(value):"
        response.headers[.digest] = "SHA-256=\(value)"
        response.headers[.lastModified] = Self.date(release.publishedAt)
        return response
    }

    private func list(_ request: Request, _ context: AppRequestContext, _ release: Release) async throws -> Response {
        var entries: [FileList.Entry] = []
        for file in try await downloads.files(of: release) {
            entries.append(
                FileList.Entry(
                    name: file.name, size: file.size, mediaType: file.mediaType,
                    digest: try await downloads.digest(of: file),
                    path: "/files/\(release.name)/\(release.version)/\(PercentEncoding.encode(file.name))"))
        }
        return try .json(
            FileList(name: release.name, version: release.version, digest: release.digest, files: entries),
            headers: [.cacheControl: "private, no-cache"])
    }

    private struct FileList: Encodable {
        struct Entry: Encodable {
            var name: String
            var size: Int64
            var mediaType: String
            var digest: Digest
            var path: String
        }
        var name: EnvironmentName
        var version: ReleaseVersion
        var digest: Digest
        var files: [Entry]
    }

    private static func base64(_ digest: Digest) -> String {
        let digits = Array(digest.hex)
        let bytes = stride(from: 0, to: digits.count, by: 2).compactMap {
            UInt8(String(digits[$0...($0 + 1)]), radix: 16)
        }
        return Data(bytes).base64EncodedString()
    }

    /// An HTTP date (RFC 9110, 5.6.7) of seconds since 1970.
    private static func date(_ seconds: Int64) -> String {
        let formatter = DateFormatter()
        formatter.locale = Locale(identifier: "en_US_POSIX")
        formatter.timeZone = TimeZone(secondsFromGMT: 0)
        formatter.dateFormat = "EEE, dd MMM yyyy HH:mm:ss 'GMT'"
        return formatter.string(from: Date(timeIntervalSince1970: Double(seconds)))
    }
}
