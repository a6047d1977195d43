import Glibc
package import RucheCore
package import RucheHost
package import SystemPackage

/// Turns a disk image into another format with qemu-img. The same disk gives the same bytes, whatever qemu-img puts
/// into a new image by chance.
package struct DiskConverter: Sendable {
    private let runner: any CommandRunning

    package init(runner: any CommandRunning) { self.runner = runner }

    /// Writes `disk`, whose format is `source`, to a new file in `folder` and returns its path. `identity` is what
    /// identifiers in the image are derived from. `onProgress` gets a part of 1 as the work goes on.
    package func convert(
        _ disk: FilePath, from source: DiskFormat, to format: DiskFormat, in folder: FilePath, identity: Digest,
        onProgress: (@Sendable (Double) -> Void)? = nil
    ) async throws -> FilePath {
        try Tool.require(.qemuImage)
        // Some formats hold the name of their own file.
        let result = folder.appending("disk.\(format.rawValue)")
        var arguments = ["convert", "-f", source.rawValue, "-O", format.rawValue] + Self.options(format)
        if onProgress != nil { arguments.insert("-p", at: 1) }
        do {
            var command = Command(
                "qemu-img", arguments + ["--", disk.string, result.string], workingDirectory: folder)
            command.returnsEndLines = true
            try await runner.runChecked(command) { line in
                if let part = Self.percents(line.text).last { onProgress?(part) }
            }
            try DiskIdentity(result, identity).set(format)
        } catch {
            // What is left of it tells whether the disk is full: qemu-img calls that "Invalid argument" for some formats.
            let failure = (error as? ProcessFailure)?
                .error("the disk can't be made as \(format.rawValue)", writingTo: folder)
            unlink(result.string)
            throw failure ?? error
        }
        return result
    }

    private static func options(_ format: DiskFormat) -> [String] {
        switch format {
        case .raw, .vdi, .vhdx: []
        // In the order of the disk, as several threads compress and one writes.
        case .qcow2: ["-c", "-m", "16", "-o", "compat=1.1,compression_type=zstd"]
        case .vmdk: ["-o", "subformat=streamOptimized,adapter_type=lsilogic"]
        }
    }

    /// What `qemu-img convert -p` writes: `    (12.50/100%)`, one over the other.
    static func percents(_ text: String) -> [Double] {
        text.matches(of: /\(([0-9.]+)\/100%\)/).compactMap { Double($0.output.1).map { $0 / 100 } }
    }
}
