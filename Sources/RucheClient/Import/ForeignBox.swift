import Foundation
package import RucheCore

/// A box as another server, or a file that somebody keeps by hand, describes it.
package struct ForeignBox: Hashable, Sendable {
    package struct Version: Hashable, Sendable {
        package var version: String
        package var description: String?
        /// `active`, `unreleased` or `revoked`; active where nothing is said.
        package var status: String
        package var providers: [Provider]

        package init(
            version: String, description: String? = nil, status: String = "active", providers: [Provider]
        ) {
            self.version = version
            self.description = description
            self.status = status
            self.providers = providers
        }
    }

    package struct Provider: Hashable, Sendable {
        package var name: String
        /// A name of Vagrant's; `unknown` where nothing is said.
        package var architecture: String
        package var isDefault: Bool?
        package var url: String
        package var checksum: FileChecksum?
        /// What is said of the checksum, where that is none which is known.
        package var strangeChecksum: String?

        package init(name: String, architecture: String, isDefault: Bool? = nil, url: String) {
            self.name = name
            self.architecture = architecture
            self.isDefault = isDefault
            self.url = url
        }
    }

    /// `owner/name` as it is called there.
    package var name: String
    package var summary: String?
    package var description: String?
    package var isPrivate: Bool?
    package var versions: [Version]

    package init(name: String, versions: [Version]) {
        self.name = name
        self.versions = versions
    }
}

extension ForeignBox {
    /// What servers of Vagrant Cloud's API and static files have in common.
    private struct Document: Decodable {
        struct Version: Decodable {
            var version: String
            var status: String?
            var description: String?
            var description_markdown: String?
            var providers: [Provider]?
        }

        struct Provider: Decodable {
            var name: String
            var url: String?
            var download_url: String?
            var original_url: String?
            var checksum: String?
            var checksum_type: String?
            var architecture: String?
            var default_architecture: Bool?
        }

        var tag: String?
        var name: String?
        var username: String?
        var short_description: String?
        var description: String?
        var description_markdown: String?
        var `private`: Bool?
        var versions: [Version]?
    }

    /// Reads a box of the API, or a `metadata.json`. `source` names it in errors. Throws `invalid_input`.
    package init(_ bytes: [UInt8], source: String) throws {
        let document: Document
        do { document = try JSONDecoder().decode(Document.self, from: Data(bytes)) } catch {
            throw RucheError(.invalidInput, "\(source) is no description of a box", cause: error)
        }
        guard
            let name = document.tag
                ?? document.name.map({ name in document.username.map { "\($0)/\(name)" } ?? name })
        else { throw RucheError(.invalidInput, "\(source) does not say the name of the box") }
        self.name = name
        summary = document.short_description
        description = document.description_markdown ?? document.description
        isPrivate = document.private
        versions = (document.versions ?? []).map { version in
            Version(
                version: version.version, description: version.description_markdown ?? version.description,
                status: version.status ?? "active", providers: (version.providers ?? []).map(Self.provider))
        }
    }

    private static func provider(_ document: Document.Provider) -> Provider {
        var provider = Provider(
            name: document.name, architecture: document.architecture ?? "unknown",
            isDefault: document.default_architecture,
            url: document.url ?? document.download_url ?? document.original_url ?? "")
        if let hex = document.checksum, let kind = document.checksum_type, !hex.isEmpty, !kind.isEmpty {
            provider.checksum = FileChecksum(kind: kind, hex: hex)
            if provider.checksum == nil { provider.strangeChecksum = "\(kind.prefix(20)):\(hex.prefix(140))" }
        }
        return provider
    }
}

/// The boxes of an owner, as `GET /user/OWNER` lists them.
struct ForeignOwner: Decodable {
    struct Box: Decodable {
        var tag: String?
        var name: String?
        var username: String?
    }
    var boxes: [Box]?

    func names(of owner: String) -> [String] {
        (boxes ?? []).compactMap { box in
            box.tag ?? box.name.map { "\(box.username ?? owner)/\($0)" }
        }
    }
}
