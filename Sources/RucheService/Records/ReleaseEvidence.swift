package import RucheBuild
package import RucheCore

/// What a release is made of and how it was made, as the documents with it say. What can't be read is left out.
package struct ReleaseEvidence: Sendable {
    /// So many packages and files are told at most: the documents themselves have all.
    package static let listLimit = 500

    /// The first of the bill of materials, by name; nil without one.
    package var packages: [SoftwarePackage]?
    package var packageCount = 0
    package var provenance: Provenance?
    package var recipe: Digest?
    package var lock: Digest?
    /// The first of the files that the recipe read, by path.
    package var sources: [(path: String, digest: Digest)] = []
    package var sourceCount = 0
    /// Whether every document was there to be read. One that is damaged may be mended.
    var isWhole = true

    package init() {}
}
