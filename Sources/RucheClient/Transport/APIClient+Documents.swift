import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import RucheCore
import RucheWire

/// Requests whose answer is a document, or lines of documents.
extension APIClient {
    /// Bytes of a document at most; a page of any list is far smaller.
    private static let documentLimit = 64 << 20

    func document<Value: Decodable>(_ request: APIRequest, as type: Value.Type) async throws -> Value {
        try JSON.decodeAnswer(type, from: try await bytes(request), path: request.path)
    }

    func bytes(_ request: APIRequest) async throws -> [UInt8] {
        let response = try await send(request)
        return try await reading {
            do {
                return Array(buffer: try await response.body.collect(upTo: Self.documentLimit))
            } catch is NIOTooManyBytesError {
                throw RucheError(.internalError, "the server's answer to \(request.path) is over 64 MiB")
            }
        }
    }

    func discard(_ request: APIRequest) async throws { _ = try await bytes(request) }

    /// Calls `onLine` for each line of a `jsonl` answer, as it comes.
    func lines<Value: Decodable>(
        _ request: APIRequest, as type: Value.Type, onLine: (Value) async throws -> Void
    ) async throws {
        let response = try await send(request)
        var splitter = LineSplitter()
        do {
            try await reading {
                for try await buffer in response.body {
                    for line in splitter.append(buffer.readableBytesView) where !line.isEmpty {
                        let value = try JSON.decodeAnswer(type, from: line, path: request.path)
                        do { try await onLine(value) } catch { throw ReaderFailure(error: error) }
                    }
                }
            }
        } catch let failure as ReaderFailure {
            throw failure.error
        }
        let rest = splitter.finish()
        if !rest.isEmpty { try await onLine(JSON.decodeAnswer(type, from: rest, path: request.path)) }
    }

    /// Every item of a list that comes in pages; stops at `limit` items when it is given.
    func all<Item: Codable & Sendable>(
        _ path: String, query: [(String, String?)] = [], limit: Int? = nil, of type: Item.Type
    ) async throws -> [Item] {
        var items: [Item] = []
        var cursor: String?
        repeat {
            let size = min(200, limit.map { $0 - items.count } ?? 200)
            guard size > 0 else { break }
            let page = try await document(
                APIRequest(.GET, path, query: query + [("cursor", cursor), ("limit", "\(size)")]), as: Page<Item>.self)
            items += page.items
            // A server that gives the same cursor again would keep us here for ever.
            guard page.next != cursor else { break }
            cursor = page.next
        } while cursor != nil
        return items
    }
}
