import Hummingbird
import RucheHost
import RucheServer
import SystemPackage
import Testing

/// Files that are sent over plain connections.
@Suite struct SentFileTests {
    /// More than one turn of the connection's loop, and no whole number of its chunks.
    private static let text = String(String(repeating: "0123456789abcdefghijklmnopqrstu\n", count: 300_000).dropLast(7))

    /// A server of one file that says that it has `promised` bytes.
    private func served(
        promising promised: Int = text.utf8.count, _ body: @escaping @Sendable (RawConnection) async throws -> Void
    ) async throws {
        let folder = try TemporaryDirectory.make(in: "/tmp", prefix: "sent")
        defer { try? FileTree.remove(folder) }
        let path = folder.appending("file")
        try AtomicFile.write(Array(Self.text.utf8), to: path)
        let route = Route(.get, "/file", access: .anyone, RouteDocumentation("f")) { request, context in
            var bytes = ServedBytes(size: Int64(promised), mediaType: "text/plain") { _, _ in
                throw CancellationError()  // it is read in chunks only where it can't be sent
            }
            bytes.file = { try SystemPackage.FileDescriptor.open(path, .readOnly) }
            return try await .bytes(bytes, for: request, over: context.channel)
        }
        try await ServedRoutes.with([route]) { addresses in
            let client = try RawConnection(port: try #require(addresses.network?.port))
            defer { client.close() }
            try await body(client)
        }
    }

    private func body(_ response: String) -> Substring {
        response.firstRange(of: "\r\n\r\n").map { response[$0.upperBound...] } ?? ""
    }

    @Test func aFileIsSentWholeAndInItsPlace() async throws {
        try await served { client in
            try client.send("GET /file HTTP/1.1\r\nHost: localhost\r\nRange: bytes=0-99999\r\n\r\n")
            try client.send("GET /file HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            let responses = try await client.read().split(separator: "HTTP/1.1 ")
            #expect(responses.map { $0.prefix(3) } == ["206", "200"])
            #expect(body(String(responses[0])) == Self.text.prefix(100_000))
            #expect(body(String(responses[1])) == Self.text)
        }
    }

    @Test func aPartIsSentFromWhereItIsAskedFor() async throws {
        try await served { client in
            try client.send(
                "GET /file HTTP/1.1\r\nHost: localhost\r\nRange: bytes=3000001-8000000\r\nConnection: close\r\n\r\n")
            #expect(body(try await client.read()) == Self.text.dropFirst(3_000_001).prefix(5_000_000))
        }
    }

    /// Nobody takes what came for the whole: the connection ends before the length that was told.
    @Test func aFileThatBecameShorterEndsTheConnection() async throws {
        try await served(promising: Self.text.utf8.count + 10) { client in
            try client.send("GET /file HTTP/1.1\r\nHost: localhost\r\n\r\n")
            let response = try await client.read()
            #expect(response.contains("ontent-Length: \(Self.text.utf8.count + 10)\r\n"))
            #expect(body(response) == Self.text)
        }
    }
}
