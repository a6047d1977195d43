import RucheCore
import RucheImages

/// A manifest or index as any client may write it (image specification 1.1, and Docker's schema 2).
struct ManifestDocument: Decodable, Sendable {
    var schemaVersion: Int
    var mediaType: String?
    var artifactType: String?
    var config: Descriptor?
    var layers: [Layer]?
    var manifests: [Descriptor]?
    var subject: Descriptor?
    var annotations: [String: String]?

    /// A descriptor with the places it may be had from instead.
    struct Layer: Decodable, Sendable {
        var descriptor: Descriptor
        var urls: [String]?

        private enum CodingKeys: String, CodingKey { case urls }

        init(from decoder: any Decoder) throws {
            descriptor = try Descriptor(from: decoder)
            urls = try decoder.container(keyedBy: CodingKeys.self).decodeIfPresent([String].self, forKey: .urls)
        }

        /// Never pushed: whoever needs it gets it from where its maker has it.
        var isForeign: Bool { urls?.isEmpty == false }
    }

    static let indexes: Set<String> = [MediaType.imageIndex, MediaType.dockerManifestList]
    static let manifests: Set<String> = [MediaType.imageManifest, MediaType.dockerManifest]

    /// Reads the bytes of a manifest that says, or is said, to be of a media type. Throws `invalid_input`.
    init(_ bytes: [UInt8], mediaType: String) throws {
        guard Self.indexes.contains(mediaType) || Self.manifests.contains(mediaType) else {
            throw RucheError(
                .invalidInput, "manifests of the type \"\(mediaType.prefix(120))\" are not kept here",
                details: ["mediaType": String(mediaType.prefix(120))])
        }
        self = try CanonicalJSON.decode(Self.self, bytes, "the manifest")
        guard schemaVersion == 2 else {
            throw RucheError(.invalidInput, "the manifest has the schema version \(schemaVersion): only 2 is kept here")
        }
        if let own = self.mediaType, own != mediaType {
            throw RucheError(.invalidInput, "the manifest is sent as \(mediaType) and says it is \(own.prefix(120))")
        }
        let isIndex = Self.indexes.contains(mediaType)
        guard isIndex ? manifests != nil && config == nil : config != nil && manifests == nil else {
            throw RucheError(
                .invalidInput,
                isIndex
                    ? "an index needs \"manifests\" and has no \"config\""
                    : "a manifest needs \"config\" and \"layers\"")
        }
    }

    /// What must be here before this is.
    var children: [Descriptor] {
        (config.map { [$0] } ?? []) + (layers ?? []).filter { !$0.isForeign }.map(\.descriptor) + (manifests ?? [])
    }

    /// What the referrers API says it is (distribution specification 1.1, "Listing Referrers").
    var effectiveArtifactType: String? { artifactType ?? config?.mediaType }
}
