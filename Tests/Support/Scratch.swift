import RucheHost
package import SystemPackage

/// A temporary folder of a test that may hold mounts: they go with it.
package enum Scratch {
    package static func with<Result>(_ body: (FilePath) async throws -> Result) async throws -> Result {
        try await TemporaryDirectory.with(in: "/tmp", prefix: "ruche-test") { folder in
            do {
                let result = try await body(folder)
                try unmount(folder)
                return result
            } catch {
                try unmount(folder)
                throw error
            }
        }
    }

    private static func unmount(_ folder: FilePath) throws {
        for path in try OverlayMount.mounted(under: folder) { try OverlayMount.unmount(path) }
    }
}
