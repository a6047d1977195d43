package import HTTPTypes

extension HTTPField.Name {
    package static let referrerPolicy = constant("Referrer-Policy")
    package static let csrfToken = constant("X-CSRF-Token")
    package static let forwardedFor = constant("X-Forwarded-For")
    package static let forwardedProtocol = constant("X-Forwarded-Proto")
    /// A job's token where the job did not say it itself: in the configuration that its curl finds.
    package static let jobToken = constant("Ruche-Job-Token")
    package static let atlasToken = constant("X-Atlas-Token")
    package static let dockerContentDigest = constant("Docker-Content-Digest")
    package static let reprDigest = constant("Repr-Digest")
    package static let digest = constant("Digest")
    package static let link = constant("Link")
    package static let ociSubject = constant("OCI-Subject")
    package static let ociFiltersApplied = constant("OCI-Filters-Applied")
    package static let dockerUploadID = constant("Docker-Upload-UUID")
    package static let dockerVersion = constant("Docker-Distribution-Api-Version")
    package static let requestID = constant("X-Request-Id")
    package static let lastEventID = constant("Last-Event-ID")
    package static let secFetchSite = constant("Sec-Fetch-Site")
    package static let contentTypeOptions = constant("X-Content-Type-Options")

    // TUS 1.0.0
    package static let tusResumable = constant("Tus-Resumable")
    package static let tusVersion = constant("Tus-Version")
    package static let tusExtension = constant("Tus-Extension")
    package static let tusMaxSize = constant("Tus-Max-Size")
    package static let tusChecksumAlgorithm = constant("Tus-Checksum-Algorithm")
    package static let uploadOffset = constant("Upload-Offset")
    package static let uploadLength = constant("Upload-Length")
    package static let uploadDeferLength = constant("Upload-Defer-Length")
    package static let uploadMetadata = constant("Upload-Metadata")
    package static let uploadChecksum = constant("Upload-Checksum")
    package static let uploadConcat = constant("Upload-Concat")
    package static let uploadExpires = constant("Upload-Expires")
    package static let methodOverride = constant("X-HTTP-Method-Override")
    /// The file that an upload became.
    package static let rucheFile = constant("Ruche-File")
    package static let rucheDigest = constant("Ruche-Digest")

    private static func constant(_ text: String) -> Self {
        guard let name = Self(text) else { preconditionFailure("\(text) is no header name") }
        return name
    }
}
