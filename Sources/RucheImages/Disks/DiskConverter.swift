import Glibc
package import RucheCore
package import RucheHost
package import SystemPackage

/// Turns a disk image into another format. The same disk gives the same bytes, whatever qemu-img puts into a new image
/// by chance.
package struct DiskConverter: Sendable {
    /// A disk that was made.
    package struct Image: Sendable {
        package let file: FilePath
        /// Its digest and size, where it is on the disk already and they were found on the way.
        fileprivate var blob: StoredBlob?
    }

    private let runner: any CommandRunning

    package init(runner: any CommandRunning) { self.runner = runner }

    /// Writes `disk`, whose format is `source`, to a new file in `folder`. `identity` is what identifiers in the image
    /// are derived from. `onProgress` gets a part of 1 as the work goes on. Throws what `DiskHeader.check` does for a disk
    /// that is damaged or not whole: it may come from anybody, and name files of this machine.
    package func convert(
        _ disk: FilePath, from source: DiskFormat, to format: DiskFormat, in folder: FilePath, identity: Digest,
        onProgress: (@Sendable (Double) -> Void)? = nil
    ) async throws -> Image {
        try Tool.require(.qemuImage)
        // A raw disk names no file, and what its guest wrote may look like anything.
        if source != .raw { try DiskHeader.check(disk, as: source) }
        // Some formats hold the name of their own file.
        let result = folder.appending("disk.\(format.rawValue)")
        if source == .qcow2, format == .vdi {
            let identifiers = DiskIdentity(result, identity).vdi
            if let blob = try await write(disk, to: result, identifiers, onProgress) {
                return Image(file: result, blob: blob)
            }
        }
        try await run(disk, source, format, to: result, identity, onProgress)
        return Image(file: result)
    }

    /// Nil when the disk is of a form that qemu-img has to read.
    private func write(
        _ disk: FilePath, to result: FilePath, _ identifiers: [UInt8], _ onProgress: (@Sendable (Double) -> Void)?
    ) async throws -> StoredBlob? {
        let source = try FileDescriptor.open(disk, .readOnly, options: [.closeOnExec])
        defer { try? source.close() }  // only read from
        guard let disk = try QCOW2Disk(source) else { return nil }
        let file = try FileDescriptor.open(
            result, .writeOnly, options: [.create, .truncate, .closeOnExec, .noFollow],
            permissions: [.ownerReadWrite, .groupRead, .otherRead])
        do {
            defer { try? file.close() }  // synced before, or given up
            return try await VDIWriter(disk: disk, identifiers: identifiers).write(to: file, onProgress: onProgress)
        } catch {
            unlink(result.string)
            guard let error = error as? Errno else { throw error }
            throw RucheError.storage(error, "write", result)
        }
    }

    private func run(
        _ disk: FilePath, _ source: DiskFormat, _ format: DiskFormat, to result: FilePath, _ identity: Digest,
        _ onProgress: (@Sendable (Double) -> Void)?
    ) async throws {
        let folder = result.removingLastComponent()
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

extension ContentStore {
    /// Stores a disk that was made, under the digest that is known already where there is one. Takes the file.
    package func take(_ image: DiskConverter.Image) async throws -> StoredBlob {
        guard let blob = image.blob else { return try await take(image.file) }
        try await adopt(image.file, as: blob.digest)
        return blob
    }
}
