package import RucheCore

/// What somebody asks to be run.
package struct JobSubmission: Sendable {
    package struct Input: Hashable, Sendable {
        package var name: String
        /// Absolute path on this machine. The caller has checked that the asker may name paths.
        package var path: String?
        /// Digest of an uploaded file.
        package var file: Digest?
        /// A file of the site, which brings its companions.
        package var id: Identifier?
        /// An upload that is still on its way.
        package var upload: Identifier?
        /// The content the file must have; nil takes what is there.
        package var expected: Digest?

        package init(name: String, path: String? = nil, file: Digest? = nil, expected: Digest? = nil) {
            self.name = name
            self.path = path
            self.file = file
            self.expected = expected
        }
    }

    /// `owner/name[:version][@digest]`
    package var release: String
    package var name: String?
    package var inputs: [Input]
    package var parameters: [String: JSONValue]
    package var databases: String?
    /// `NAME[:VERSION]` of reference databases.
    package var references: [String] = []
    /// The content that versions of them must have; what is not named here takes what is there.
    package var expectedReferences: [DatabaseReference: Digest] = [:]
    /// Nil means the default engine.
    package var engine: String?
    package var limits: ResourceLimits?
    /// Whose job it becomes. The caller has checked that the asker may run jobs of this owner.
    package var owner = OwnerName.local
    /// Who asks, for the record.
    package var createdBy = Caller.local.actor

    /// −100…100. The caller has checked that the asker may raise it.
    package var priority: Int?
    /// Jobs that have to succeed first.
    package var after: [Identifier] = []
    package var retry: RetryPolicy?

    package init(release: String, inputs: [Input] = [], parameters: [String: JSONValue] = [:]) {
        self.release = release
        self.inputs = inputs
        self.parameters = parameters
    }
}
