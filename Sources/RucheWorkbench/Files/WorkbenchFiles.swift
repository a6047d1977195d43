import RucheCore
import RucheHost
package import SystemPackage

/// Copies files into a workbench and out of it, as tars through the `tar` of its image: one way for every kind.
package struct WorkbenchFiles: Sendable {
    private let workbench: any Workbench
    /// Where tars are kept on the way.
    private let temporary: FilePath

    package init(_ workbench: any Workbench, temporary: FilePath) {
        self.workbench = workbench
        self.temporary = temporary
    }

    /// Puts `files` at the absolute path `destination`: into it when it is a folder, ends with a slash, or several come;
    /// else a single file is given that name. Missing folders are made. Owners are root.
    package func push(
        _ files: PushedFiles, to destination: String, onProgress: @Sendable (Int64) -> Void
    ) async throws {
        try Self.check(destination)
        var folder = destination
        var renamed: String?
        if files.isOneFile, !destination.hasSuffix("/"), try await !isFolder(destination) {
            let path = FilePath(destination)
            renamed = path.lastComponent?.string
            folder = path.removingLastComponent().string
        }
        try await TemporaryDirectory.with(in: temporary, prefix: "ruche-push") { work in
            let tar = work.appending("files.tar")
            try files.write(to: tar, renamed: renamed, onProgress: onProgress)
            // No name of ours may be taken for an option.
            let script = #"mkdir -p -- "$1" && cd "$1" && exec tar -x -p -f -"#
            try await run(script, [folder], input: tar, output: work.appending("output"), in: work)
        }
    }

    /// Copies what the absolute path or pattern `source` names to `target`. Throws `not_found` when it names nothing.
    package func pull(
        _ source: String, to target: FilePath, overwrites: Bool
    ) async throws -> (files: Int, bytes: Int64) {
        try Self.check(source)
        let parts = source.split(separator: "/")
        guard !parts.isEmpty else {
            throw RucheError(
                .invalidInput, "the whole root can't be pulled: \"ruche pipeline pack\" makes a file of it")
        }
        return try await TemporaryDirectory.with(in: temporary, prefix: "ruche-pull") { work in
            let tar = work.appending("files.tar")
            let pattern = parts.map { Self.escape(String($0)) }.joined(separator: "/")
            let script =
                "cd / && set -- \(pattern) && { [ -e \"$1\" ] || [ -L \"$1\" ] || exit 44; } "
                + "&& exec tar -c -f - -- \"$@\""
            try await run(script, [], input: nil, output: tar, in: work, missing: source)
            let folder = work.appending("files")
            try FileTree.makeFolder(folder)
            let files = try await PulledFiles(tar, into: folder, depth: parts.count)
            return try files.copy(to: target, overwrites: overwrites)
        }
    }

    private func isFolder(_ path: String) async throws -> Bool {
        let command = WorkbenchCommand(["/bin/sh", "-c", "[ -d \"$1\" ]", "sh", path], .lines { _ in })
        return try await workbench.run(command).isSuccess
    }

    private func run(
        _ script: String, _ arguments: [String], input: FilePath?, output: FilePath, in work: FilePath,
        missing: String? = nil
    ) async throws {
        let errors = work.appending("errors")
        let command = WorkbenchCommand(
            ["/bin/sh", "-c", script, "sh"] + arguments,
            .files(input: input, output: output, errors: errors))
        let status = try await workbench.run(command)
        guard !status.isSuccess else { return }
        let name = workbench.record.name
        if let missing, status == .exited(44) {
            throw RucheError(.notFound, "the workbench \(name) has nothing at \"\(missing)\"")
        }
        // Without it the exit code is all there is to tell.
        let text = (try? AtomicFile.read(errors, limit: 1 << 20)).map { String(decoding: $0, as: UTF8.self) } ?? ""
        throw RucheError(
            .invalidInput,
            "the files could not be copied (exit code \(status.shellCode)): "
                + text.split(separator: "\n").suffix(3).joined(separator: "; "))
    }

    private static func check(_ path: String) throws {
        let parts = path.split(separator: "/")
        guard path.hasPrefix("/"), !parts.contains(".."), path.utf8.count <= 4096,
            path.unicodeScalars.allSatisfy({ $0.value > 31 && $0.value != 127 })
        else {
            throw RucheError(
                .invalidInput, "\"\(path)\" is no path in a workbench: it is absolute, without \"..\"")
        }
    }

    /// Leaves `*`, `?` and brackets to the shell, and nothing else.
    private static func escape(_ part: String) -> String {
        part.map { "*?[]!-".contains($0) || $0.isLetter || $0.isNumber ? String($0) : "\\\($0)" }.joined()
    }
}
