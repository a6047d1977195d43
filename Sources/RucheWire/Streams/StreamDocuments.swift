/// Documents of simplestreams (`index:1.0`, `products:1.0`) with the members that LXD 5 and Incus read.
package enum Streams {
    package struct Index: Codable, Hashable, Sendable {
        package var format = "index:1.0"
        package var index: [String: Entry]

        package init(_ index: [String: Entry]) { self.index = index }

        package struct Entry: Codable, Hashable, Sendable {
            package var datatype = "image-downloads"
            package var format = "products:1.0"
            package var path: String
            package var products: [String]

            package init(path: String, products: [String]) {
                self.path = path
                self.products = products
            }
        }
    }

    package struct Products: Codable, Hashable, Sendable {
        package var content_id = "images"
        package var datatype = "image-downloads"
        package var format = "products:1.0"
        package var products: [String: Product]

        package init(_ products: [String: Product]) { self.products = products }
    }

    package struct Product: Codable, Hashable, Sendable {
        /// Separated by commas alone.
        package var aliases: String
        package var arch: String
        package var os: String
        package var release: String
        package var release_title: String
        package var variant = "default"
        /// What LXD 5 reads, and what Incus does.
        package var lxd_requirements: [String: String] = [:]
        package var requirements: [String: String] = [:]
        package var versions: [String: Version]

        package init(aliases: [String], arch: String, os: String, release: String, versions: [String: Version]) {
            self.aliases = aliases.joined(separator: ",")
            self.arch = arch
            self.os = os
            self.release = release
            release_title = release
            self.versions = versions
        }
    }

    package struct Version: Codable, Hashable, Sendable {
        package var items: [String: Item]
        package init(_ items: [String: Item]) { self.items = items }
    }

    package struct Item: Codable, Hashable, Sendable {
        package var ftype: String
        package var path: String
        package var size: Int64
        package var sha256: String
        /// On the metadata: the fingerprint of the image that it makes with the squashfs.
        package var combined_squashfs_sha256: String?
        /// The same with the disk of a virtual machine.
        package var combined_disk_sha256: String?

        package init(ftype: String, path: String, size: Int64, sha256: String) {
            self.ftype = ftype
            self.path = path
            self.size = size
            self.sha256 = sha256
        }

        private enum CodingKeys: String, CodingKey {
            case ftype, path, size, sha256, combined_squashfs_sha256
            case combined_disk_sha256 = "combined_disk-kvm-img_sha256"
        }
    }
}
