import Foundation
import RucheCore

/// Boxes of a server that speaks Vagrant Cloud's API, version 2 or 1, or only has the metadata that clients add boxes
/// from.
package struct VagrantCatalogue: Sendable {
    private let site: ForeignSite
    /// Without a slash at the end.
    private let address: String

    package init(_ address: String, _ site: ForeignSite) {
        self.address = String(address.reversed().drop { $0 == "/" }.reversed())
        self.site = site
    }

    /// `owner/name` of each box of an owner that may be seen.
    package func boxes(of owner: String) async throws -> [String] {
        var missing: RucheError?
        for base in ["/api/v2", "/api/v1"] {
            do {
                let path = "\(address)\(base)/user/\(PercentEncoding.encode(owner))"
                let bytes = try await site.document(path)
                guard let found = try? JSONDecoder().decode(ForeignOwner.self, from: Data(bytes)) else {
                    throw RucheError(.invalidInput, "\(path) is no list of boxes")
                }
                return found.names(of: owner).sorted()
            } catch let error as RucheError where error.code == .notFound {
                missing = error
            }
        }
        throw missing ?? RucheError(.notFound, "\(address) has no owner \(owner)")
    }

    package func box(_ name: String) async throws -> ForeignBox {
        let path = PercentEncoding.encodePath(name)
        var missing: RucheError?
        for prefix in ["/api/v2/box/", "/api/v1/box/", "/"] {
            do {
                let source = "\(address)\(prefix)\(path)"
                var box = try ForeignBox(try await site.document(source), source: source)
                // A server may spell the name as it likes: it was asked for this one.
                box.name = name
                return box
            } catch let error as RucheError where error.code == .notFound {
                missing = error
            }
        }
        throw missing ?? RucheError(.notFound, "\(address) has no box \(name)")
    }
}
