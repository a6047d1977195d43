import Crypto
import NIOCore
import RucheCore
import RucheImages
import RucheService
import RucheWire
import Synchronization

/// The two documents that list the images, as they are sent, each made once for a revision of the catalogue and the
/// owners whose private things they tell of: who may see other things never gets these.
final class StreamLists: Sendable {
    struct Document: Sendable {
        let bytes: [UInt8]
        let tag: String

        fileprivate init(_ value: some Encodable) throws {
            bytes = Array(try JSONCoding.encode(value).readableBytesView)
            tag = Digest(bytes: SHA256.hash(data: bytes)).hex
        }
    }

    struct Lists: Sendable {
        let index: Document
        let images: Document

        fileprivate init(_ products: [String: Streams.Product]) throws {
            let entry = Streams.Index.Entry(path: "streams/v1/images.json", products: products.keys.sorted())
            index = try Document(Streams.Index(["images": entry]))
            images = try Document(Streams.Products(products))
        }
    }

    private struct Entry: Sendable {
        var revision: CatalogueRevision
        var lists: Lists
    }

    /// Of so many callers with rights of their own; everybody else's list is one of them.
    private static let most = 8

    private let streams: StreamService
    private let known = Mutex<[OwnerSelection: Entry]>([:])

    init(_ streams: StreamService) { self.streams = streams }

    func lists(
        for owners: OwnerSelection, _ products: ([StreamImage]) -> [String: Streams.Product]
    ) async throws -> Lists {
        let revision = try await streams.revision()
        if let entry = known.withLock({ $0[owners] }), entry.revision == revision { return entry.lists }
        let found = try await streams.images(owners: owners)
        let entry = Entry(revision: found.revision, lists: try Lists(products(found.images)))
        known.withLock { known in
            known = known.filter { $0.value.revision == entry.revision }
            if known.count < Self.most || known[owners] != nil { known[owners] = entry }
        }
        return entry.lists
    }
}
