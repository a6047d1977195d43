import Foundation
import HTTPTypes
import Hummingbird
import RucheCore
import RucheImages
import RucheService
import RucheWire

/// Boxes as documents with addresses of this server, as the client reached it.
struct VagrantView {
    /// Where the API is, the longest first. The last part of the first one is in the address that Vagrant Cloud gave
    /// to clients, which put it before metadata and the API alike.
    static let bases = ["/api/v2/vagrant", "/api/v2", "/api/v1"]

    /// `http(s)://HOST[:PORT]`.
    let origin: String
    /// The one of `bases` that the client uses.
    let base: String

    init(_ request: Request, _ context: AppRequestContext) {
        origin = request.origin(context)
        base = Self.bases.first { request.uri.path.hasPrefix($0 + "/") } ?? "/api/v1"
    }

    func version(_ version: BoxVersion, of name: EnvironmentName) -> Vagrant.Version {
        let path = "\(origin)\(base)/box/\(name)/version/\(version.version)"
        var document = Vagrant.Version(
            version: version.version.description, status: version.status.rawValue,
            createdAt: Self.time(version.createdAt), updatedAt: Self.time(version.updatedAt),
            releaseURL: path + "/release", revokeURL: path + "/revoke",
            providers: Self.ordered(version.variants).map { provider($0, version, name) })
        document.description = version.description ?? ""
        document.description_markdown = version.description ?? ""
        document.description_html = Markdown.html(version.description ?? "")
        return document
    }

    func provider(_ box: BoxVariant, _ version: BoxVersion, _ name: EnvironmentName) -> Vagrant.Provider {
        var document = Vagrant.Provider(
            name: box.provider, isHosted: box.url == nil, createdAt: Self.time(box.createdAt),
            updatedAt: Self.time(box.updatedAt), downloadURL: url(of: box, version.version, name),
            architecture: box.architecture, isDefault: box.isDefault)
        document.original_url = box.url
        document.checksum = box.checksum?.hex
        document.checksum_type = box.checksum?.kind.rawValue
        return document
    }

    func metadata(_ record: EnvironmentRecord, _ versions: [BoxVersion]) -> Vagrant.Metadata {
        Vagrant.Metadata(
            name: record.name.description, description: record.profile.description ?? "",
            shortDescription: record.profile.summary ?? "",
            versions: versions.filter { $0.status == .active }.map { version in
                Vagrant.MetadataVersion(
                    version: version.version.description, status: "active", description: version.description,
                    providers: Self.ordered(version.variants).map { box in
                        Vagrant.MetadataProvider(
                            name: box.provider, url: box.url ?? url(of: box, version.version, record.name),
                            checksum: box.checksum?.hex, checksumType: box.checksum?.kind.rawValue,
                            architecture: box.architecture, isDefault: box.isDefault)
                    })
            })
    }

    private func url(of box: BoxVariant, _ version: ReleaseVersion, _ name: EnvironmentName) -> String {
        "\(origin)/\(name.owner)/boxes/\(name.name)/versions/\(version)/providers/\(box.provider)/\(box.architecture)/vagrant.box"
    }

    /// Old clients know providers by name only and take the last of a name: the default architecture goes there.
    private static func ordered(_ boxes: [BoxVariant]) -> [BoxVariant] {
        boxes.sorted {
            ($0.provider, $0.isDefault ? 1 : 0, $0.architecture) < ($1.provider, $1.isDefault ? 1 : 0, $1.architecture)
        }
    }

    static func time(_ milliseconds: Int64) -> String {
        Date(timeIntervalSince1970: Double(milliseconds / 1000)).formatted(.iso8601)
    }
}
