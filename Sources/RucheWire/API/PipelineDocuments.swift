package import RucheCore

/// `GET /api/v1/pipelines/{owner}/{name}/{version}`
package struct PipelineDocument: Codable, Hashable, Sendable {
    package var name: EnvironmentName
    package var version: ReleaseVersion
    package var digest: Digest
    /// The form in which it came: `lxd-image`, `lxd-archive`, `dockerfile`, or `release`.
    package var dialect: String
    package var summary: String?
    package var description: String?
    package var authors: [String]
    package var license: String?
    package var job: String
    package var inputs: String
    package var outputs: String
    package var logs: String
    package var databases: String
    /// `NAME[:VERSION]` of the reference databases of each of its jobs.
    package var references: [String]?
    package var form: Form
    package var documents: [Document]
    /// Milliseconds since 1970.
    package var publishedAt: Int64

    package struct Document: Codable, Hashable, Sendable {
        /// `icon`, `about`, `help`, `license` or `readme`.
        package var kind: String
        package var mediaType: String
        package var size: Int64
        package init(kind: String, mediaType: String, size: Int64) {
            self.kind = kind
            self.mediaType = mediaType
            self.size = size
        }
    }

    package init(
        name: EnvironmentName, version: ReleaseVersion, digest: Digest, dialect: String, authors: [String],
        contract: PipelineContract, form: Form, documents: [Document], publishedAt: Int64
    ) {
        self.name = name
        self.version = version
        self.digest = digest
        self.dialect = dialect
        self.authors = authors
        job = contract.job
        (inputs, outputs) = (contract.inputs, contract.outputs)
        (logs, databases) = (contract.logs, contract.databases)
        references = contract.references?.map(\.description)
        self.form = form
        self.documents = documents
        self.publishedAt = publishedAt
    }
}

/// The result of an operation that installed a package.
package struct InstalledPipelineDocument: Codable, Hashable, Sendable {
    package var release: String
    package var digest: Digest
    /// False when the same package was installed before.
    package var isNew: Bool
    package var findings: [PackageFinding]
}
