package import RucheHost
package import SystemPackage

/// SSH keys made for one instance.
package enum KeyPairs {
    /// Makes an ed25519 key without a passphrase; the file of its public part has `.pub` behind its name.
    package static func make(
        _ path: FilePath, comment: String, runner: any CommandRunning
    ) async throws -> CloudSeed.KeyPair {
        for name in [path, FilePath(path.string + ".pub")] { try FileTree.remove(name) }
        try await runner.runChecked(
            Command(Tool.sshKeygen.name, ["-q", "-t", "ed25519", "-N", "", "-C", comment, "-f", path.string]))
        let line = String(decoding: try AtomicFile.read(FilePath(path.string + ".pub")), as: UTF8.self)
        return CloudSeed.KeyPair(
            secret: String(decoding: try AtomicFile.read(path), as: UTF8.self),
            line: line.filter { $0 != "\n" })
    }
}
