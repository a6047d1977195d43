/// Documents of Vagrant Cloud's API, versions 1 and 2. Clients refuse unknown members of a search result, so these have
/// what they know and nothing else.
package enum Vagrant {
    package struct Box: Codable, Hashable, Sendable {
        package var created_at: String
        package var updated_at: String
        /// `owner/name`.
        package var tag: String
        package var name: String
        package var username: String
        package var short_description: String?
        /// What clients show; the other two are for pages.
        package var description: String?
        package var description_html: String?
        package var description_markdown: String?
        package var `private`: Bool
        package var downloads: Int64
        package var current_version: Version?
        /// Only where one box is read: clients append to what a list has.
        package var versions: [Version]?

        package init(
            createdAt: String, updatedAt: String, tag: String, name: String, username: String, isPrivate: Bool,
            downloads: Int64
        ) {
            created_at = createdAt
            updated_at = updatedAt
            self.tag = tag
            self.name = name
            self.username = username
            self.private = isPrivate
            self.downloads = downloads
        }

        /// `current_version` is always there, be it null: clients look for it.
        package func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(created_at, forKey: .created_at)
            try container.encode(updated_at, forKey: .updated_at)
            try container.encode(tag, forKey: .tag)
            try container.encode(name, forKey: .name)
            try container.encode(username, forKey: .username)
            try container.encode(short_description, forKey: .short_description)
            try container.encodeIfPresent(description, forKey: .description)
            try container.encode(description_html, forKey: .description_html)
            try container.encode(description_markdown, forKey: .description_markdown)
            try container.encode(`private`, forKey: .private)
            try container.encode(downloads, forKey: .downloads)
            try container.encode(current_version, forKey: .current_version)
            try container.encodeIfPresent(versions, forKey: .versions)
        }
    }

    package struct Version: Codable, Hashable, Sendable {
        package var version: String
        /// `unreleased`, `active` or `revoked`.
        package var status: String
        package var description: String?
        package var description_html: String?
        package var description_markdown: String?
        package var created_at: String
        package var updated_at: String
        package var number: String
        package var release_url: String
        package var revoke_url: String
        package var providers: [Provider]

        package init(
            version: String, status: String, createdAt: String, updatedAt: String, releaseURL: String,
            revokeURL: String, providers: [Provider]
        ) {
            self.version = version
            self.status = status
            created_at = createdAt
            updated_at = updatedAt
            number = version
            release_url = releaseURL
            revoke_url = revokeURL
            self.providers = providers
        }
    }

    package struct Provider: Codable, Hashable, Sendable {
        package var name: String
        package var hosted: Bool
        package var hosted_token: String?
        package var original_url: String?
        package var created_at: String
        package var updated_at: String
        package var download_url: String
        package var checksum: String?
        package var checksum_type: String?
        package var architecture: String
        package var default_architecture: Bool

        package init(
            name: String, isHosted: Bool, createdAt: String, updatedAt: String, downloadURL: String,
            architecture: String, isDefault: Bool
        ) {
            self.name = name
            hosted = isHosted
            created_at = createdAt
            updated_at = updatedAt
            download_url = downloadURL
            self.architecture = architecture
            default_architecture = isDefault
        }
    }

    /// What `vagrant box add` reads.
    package struct Metadata: Codable, Hashable, Sendable {
        package var name: String
        package var description: String
        package var short_description: String
        package var versions: [MetadataVersion]

        package init(name: String, description: String, shortDescription: String, versions: [MetadataVersion]) {
            self.name = name
            self.description = description
            short_description = shortDescription
            self.versions = versions
        }
    }

    package struct MetadataVersion: Codable, Hashable, Sendable {
        package var version: String
        package var status: String
        package var description_markdown: String?
        package var providers: [MetadataProvider]

        package init(version: String, status: String, description: String?, providers: [MetadataProvider]) {
            self.version = version
            self.status = status
            description_markdown = description
            self.providers = providers
        }
    }

    package struct MetadataProvider: Codable, Hashable, Sendable {
        package var name: String
        package var url: String
        package var checksum: String?
        package var checksum_type: String?
        package var architecture: String
        package var default_architecture: Bool

        package init(
            name: String, url: String, checksum: String?, checksumType: String?, architecture: String, isDefault: Bool
        ) {
            self.name = name
            self.url = url
            self.checksum = checksum
            checksum_type = checksumType
            self.architecture = architecture
            default_architecture = isDefault
        }
    }

    /// What clients send for a box: flat, or wrapped as `{"box": …}` by newer ones.
    package struct BoxRequest: Codable, Sendable {
        package var username: String?
        package var name: String?
        package var short_description: String?
        package var description: String?
        package var is_private: Bool?

        private enum Wrapper: String, CodingKey { case box }

        package init(from decoder: any Decoder) throws {
            let outer = try decoder.container(keyedBy: Wrapper.self)
            let container =
                outer.contains(.box)
                ? try outer.nestedContainer(keyedBy: CodingKeys.self, forKey: .box)
                : try decoder.container(keyedBy: CodingKeys.self)
            username = try container.decodeIfPresent(String.self, forKey: .username)
            name = try container.decodeIfPresent(String.self, forKey: .name)
            short_description = try container.decodeIfPresent(String.self, forKey: .short_description)
            description = try container.decodeIfPresent(String.self, forKey: .description)
            is_private = try container.decodeIfPresent(Bool.self, forKey: .is_private)
        }
    }

    package struct VersionRequest: Codable, Sendable {
        package struct Members: Codable, Sendable {
            package var version: String?
            package var description: String?
        }
        package var version: Members
    }

    package struct ProviderRequest: Codable, Sendable {
        package struct Members: Codable, Sendable {
            package var name: String?
            package var url: String?
            package var checksum: String?
            package var checksum_type: String?
            package var architecture: String?
            package var default_architecture: Bool?
        }
        package var provider: Members
    }

    package struct LoginRequest: Codable, Sendable {
        package struct User: Codable, Sendable {
            package var login: String
            package var password: String
        }
        package struct Token: Codable, Sendable { package var description: String? }
        package var user: User
        package var token: Token?
    }

    package struct UploadDocument: Codable, Hashable, Sendable {
        package var upload_path: String
        package var callback: String?
        package init(uploadPath: String, callback: String?) {
            upload_path = uploadPath
            self.callback = callback
        }
    }

    package struct ErrorDocument: Codable, Hashable, Sendable {
        package var errors: [String]
        package var success = false
        package init(errors: [String]) { self.errors = errors }
    }
}
