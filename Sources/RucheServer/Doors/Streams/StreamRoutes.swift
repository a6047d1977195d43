import Foundation
import Hummingbird
import RucheCore
import RucheImages
package import RucheService
import RucheWire

/// The catalogue as a remote of LXD and Incus (simplestreams): one tree for both.
package struct StreamRoutes: Sendable {
    private let streams: StreamService
    private let lists: StreamLists

    package init(_ streams: StreamService) {
        self.streams = streams
        lists = StreamLists(streams)
    }

    package var routes: [Route] {
        [
            Route(
                .get, "/streams/v1/index.json", access: .visitor, door: .simplestreams,
                RouteDocumentation("Names the list of images.")
            ) { request, context in try await list(request, context, \.index) },
            Route(
                .get, "/streams/v1/images.json", access: .visitor, door: .simplestreams,
                RouteDocumentation("Lists the images.")
            ) { request, context in try await list(request, context, \.images) },
            Route(
                .get, "/streams/v1/images/{owner}/{name}/{digest}/{file}", access: .environment, door: .simplestreams,
                RouteDocumentation("Sends a file of an image."), handler: file),
        ]
    }

    private func list(
        _ request: Request, _ context: AppRequestContext, _ which: KeyPath<StreamLists.Lists, StreamLists.Document>
    ) async throws -> Response {
        let document = try await lists.lists(for: context.caller.releaseOwners, Self.products)[keyPath: which]
        var response = try await Response.bytes(
            ServedBytes(document.bytes, mediaType: "application/json", entityTag: document.tag), for: request)
        response.headers[.vary] = "Authorization, Cookie"
        return response
    }

    /// One product a release and architecture, so that each version has an alias of its own.
    private static func products(_ images: [StreamImage]) -> [String: Streams.Product] {
        var products: [String: Streams.Product] = [:]
        for image in images {
            let versioned = "\(image.name):\(image.version)"
            let (key, serial) = ("\(versioned):\(image.architecture):default", Self.serial(image.publishedAt))
            // A container and a machine of a release have the same metadata, and so are one product with two images.
            let known = products[key]?.versions[serial]?.items ?? [:]
            products[key] = Streams.Product(
                aliases: image.isNewest ? [image.name.description, versioned] : [versioned],
                arch: image.architecture, os: image.name.description, release: image.version.description,
                versions: [serial: Streams.Version(Self.items(image, known))])
        }
        return products
    }

    /// Adds an image to `known`. Both kinds of clients take the same metadata, each by its own name.
    private static func items(_ image: StreamImage, _ known: [String: Streams.Item]) -> [String: Streams.Item] {
        func item(_ type: String, _ blob: Descriptor, _ file: String) -> Streams.Item {
            Streams.Item(
                ftype: type, path: "streams/v1/images/\(image.name)/\(blob.digest.hex)/\(file)", size: blob.size,
                sha256: blob.digest.hex)
        }
        var items = known
        for type in ["lxd.tar.xz", "incus.tar.xz"] {
            var metadata = items[type] ?? item(type, image.metadata, "metadata.tar.xz")
            if image.isMachine {
                metadata.combined_disk_sha256 = image.fingerprint
            } else {
                metadata.combined_squashfs_sha256 = image.fingerprint
            }
            items[type] = metadata
        }
        if image.isMachine {
            items["disk.qcow2"] = item("disk-kvm.img", image.root, "disk.qcow2")
        } else {
            items["root.squashfs"] = item("squashfs", image.root, "root.squashfs")
        }
        return items
    }

    /// `YYYYMMDD_HHMMSS` in UTC: the newest is the last in the order of text.
    private static func serial(_ milliseconds: Int64) -> String {
        let text = Date(timeIntervalSince1970: Double(milliseconds / 1000)).formatted(.iso8601)
        return String(text.filter { $0.isNumber || $0 == "T" }.map { $0 == "T" ? "_" : $0 })
    }

    private func file(_ request: Request, _ context: AppRequestContext) async throws -> Response {
        let name = try context.environmentName()
        guard let digest = Digest(hex: try context.parameter("digest")) else {
            throw RucheError(.notFound, "\(name) has no such file")
        }
        let size = try await streams.size(of: digest, in: name)
        return try await .bytes(
            ServedBytes(digest, size: size, of: streams.content), for: request, over: context.channel)
    }
}
