/// What the manifest of a package says, whatever its dialect: checked and in our words.
package struct PackageManifest: Hashable, Sendable, Codable {
    /// What a pipeline works on; only `job` has an execution path.
    package enum Kind: String, Hashable, Sendable, Codable, CaseIterable {
        case job, importer, exporter, reporter
    }

    package var dialect: PackageDialect
    /// The name that people read.
    package var title: String
    package var name: EnvironmentName
    package var version: ReleaseVersion
    package var summary: String?
    package var description: String?
    package var authors: [Recipe.Author] = []
    package var license: String?
    package var kind = Kind.job
    /// The command line; nil when the image's own command runs (Dockerfile packages).
    package var job: String?
    package var inputs = "/pipeline/inputs"
    package var outputs = "/pipeline/outputs"
    package var logs = "/pipeline/logs"
    package var databases = "/pipeline/databases"
    /// OCI's name of the architecture of an LXD image; nil when it is not said.
    package var architecture: String?
    /// The form's path in the package.
    package var form: String?
    /// Paths in the package of the documents that are there.
    package var documents: [PackageDocumentKind: String] = [:]

    package init(dialect: PackageDialect, title: String, name: EnvironmentName, version: ReleaseVersion) {
        self.dialect = dialect
        self.title = title
        self.name = name
        self.version = version
    }

    /// The contract that the package's jobs run under; `job` stands in when the manifest names no command.
    package func contract(job: String) -> PipelineContract {
        var contract = PipelineContract(job: self.job ?? job)
        (contract.inputs, contract.outputs, contract.logs, contract.databases) = (inputs, outputs, logs, databases)
        if form != nil { contract.form = PackageContents.formName }
        return contract
    }
}
