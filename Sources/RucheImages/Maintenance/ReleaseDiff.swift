/// What changed from one release to another.
package struct ReleaseDiff: Hashable, Sendable {
    package struct PackageChange: Hashable, Sendable {
        /// `deb` or `pypi`.
        package var system: String
        package var name: String
        /// Nil when it was not there, or is not there any more.
        package var before: String?
        package var after: String?
    }

    package struct FileChange: Hashable, Sendable {
        package enum Kind: String, Hashable, Sendable {
            case added, removed, changed
        }
        package var kind: Kind
        package var path: String
        package var sizeBefore: Int64?
        package var sizeAfter: Int64?
    }

    package var packages: [PackageChange]
    package var files: [FileChange]
    /// Bytes of every blob of each release.
    package var sizeBefore: Int64
    package var sizeAfter: Int64

    package init(packages: [PackageChange], files: [FileChange], sizeBefore: Int64, sizeAfter: Int64) {
        self.packages = packages
        self.files = files
        self.sizeBefore = sizeBefore
        self.sizeAfter = sizeAfter
    }
}
