import RucheCore

/// What is kept of a workbench, as `workbench.json` in its folder.
package struct WorkbenchRecord: Hashable, Sendable, Codable {
    package var name: String
    package var kind: WorkbenchKind
    /// What it was made from, as written.
    package var from: String
    /// Milliseconds since 1970.
    package var created: Int64
    package var folders: PipelineFolders
    /// The folder with the pipeline's own files on this machine.
    package var project: String
    /// The name of the container at its engine: unique among the data directories that use one engine.
    package var container: String
    /// The network that the container is given; nil leaves it to the engine.
    package var network: String?

    package init(
        name: String, kind: WorkbenchKind, from: String, created: Int64, folders: PipelineFolders, project: String,
        network: String? = nil
    ) {
        self.name = name
        self.kind = kind
        self.from = from
        self.created = created
        self.folders = folders
        self.project = project
        self.network = network
        container = "ruche-\(name)-" + String(UInt32.random(in: .min ... .max), radix: 36)
    }

    /// Throws `invalid_input` unless a name is 1–40 lower-case letters, digits and inner hyphens: it becomes a
    /// folder's, a container's and a release's.
    package static func check(name: String) throws {
        guard name.utf8.count <= 40, name.wholeMatch(of: /[a-z](?:-?[a-z0-9])*/) != nil else {
            throw RucheError(
                .invalidInput,
                "\"\(name)\" is no name for a workbench: use up to 40 lower-case letters, digits and inner hyphens")
        }
    }
}
