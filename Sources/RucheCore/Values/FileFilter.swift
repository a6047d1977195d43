/// Which files a list shows; nil asks for nothing.
package struct FileFilter: Hashable, Sendable {
    /// Only those with an id lower than this.
    package var before: String?
    package var name: String?
    package var digest: String?
    package var job: String?
    /// Only files of these owners.
    package var owners: [String]?

    package init(before: String? = nil) { self.before = before }
}
