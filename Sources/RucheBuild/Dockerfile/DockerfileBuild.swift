package import RucheHost
package import RucheImages
package import SystemPackage

/// A Dockerfile to build.
package struct DockerfileBuild: Sendable {
    /// A base image that the Dockerfile names and this site has.
    package struct Base: Sendable {
        /// As the Dockerfile says it.
        package var name: String
        /// An OCI archive for buildah, what `docker load` reads for Docker.
        package var archive: FilePath
        package init(name: String, archive: FilePath) {
            self.name = name
            self.archive = archive
        }
    }

    /// The folder with `Dockerfile` and what it copies.
    package var context: FilePath
    /// A private folder for the builder, removed by the caller.
    package var scratch: FilePath
    package var bases: [Base] = []

    package init(context: FilePath, scratch: FilePath) {
        self.context = context
        self.scratch = scratch
    }
}

/// Makes an image of a Dockerfile, with a program that the operator chose.
package protocol DockerfileBuilding: Sendable {
    /// The form in which it takes bases.
    var baseFormat: ExportFormat { get }
    /// Throws `build_failed` with the end of what the builder said.
    func build(_ build: DockerfileBuild, onLine: @escaping @Sendable (OutputLine) -> Void) async throws -> ImageSource
}
