import RucheCore
import RucheHost
import SystemPackage

/// The EFI system partition of a disk, written by mtools into the image.
struct SystemPartition {
    let layout: DiskLayout
    let runner: any CommandRunning
    /// Seconds since 1970.
    let time: Int64

    /// Where firmware looks on a disk it was not told about (UEFI 2.10, section 3.5.1.1).
    static let loaders = ["amd64": "BOOTX64.EFI", "arm64": "BOOTAA64.EFI"]

    /// `folder` holds the loader under the name that `loaders` has.
    func write(from folder: FilePath, architecture: String, to disk: FilePath) async throws {
        guard let name = Self.loaders[architecture], FileTree.exists(folder.appending(name)) else {
            throw RucheError(.unsupported, "there is no boot loader for machines of \(architecture)")
        }
        let image = "\(disk)@@\(layout.systemOffset)"
        let serial = String(layout.uuid("fat").prefix(8))
        func run(_ program: String, _ arguments: [String]) async throws {
            try await self.run(program, arguments, disk.removingLastComponent())
        }
        try await run(
            "mformat",
            [
                "-i", image, "-T", String(layout.systemSize / DiskLayout.sector), "-F", "-c", "1", "-N", serial, "-v",
                "RUCHE", "::",
            ])
        try await run("mmd", ["-i", image, "::/EFI", "::/EFI/BOOT"])
        try await run("mcopy", ["-i", image, folder.appending(name).string, "::/EFI/BOOT/\(name)"])
    }

    private func run(_ program: String, _ arguments: [String], _ folder: FilePath) async throws {
        let environment = ["SOURCE_DATE_EPOCH": String(max(0, time)), "TZ": "UTC", "MTOOLS_SKIP_CHECK": "1"]
        do {
            try await runner.runChecked(Command(program, arguments, environment: environment))
        } catch let failure as ProcessFailure {
            throw failure.error("the boot partition can't be made", writingTo: folder)
        }
    }
}
