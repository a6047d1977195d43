import RucheCore
import RucheHost
import SystemPackage

/// GRUB on a disk, from the files that its own tools made of the distribution's modules: no loop device, no mount.
struct BootLoader {
    /// Names in the folder of boot files. The first two are for a BIOS and are missing where there is none.
    static let firstSector = "boot.img"
    static let core = "core.img"

    let folder: FilePath
    let layout: DiskLayout

    /// Writes what a BIOS starts: the first sector of the disk, and the core in the partition that is kept for it.
    ///
    /// The two patches are what grub-bios-setup does: where the core is, in the first sector (GRUB 2.06,
    /// grub-core/boot/i386/pc/boot.S, `kernel_sector`), and where the rest of it is, in the core's own first sector
    /// (diskboot.S, `blocklist_default_start`).
    func install(on disk: FilePath) throws {
        guard FileTree.exists(folder.appending(Self.core)) else { return }
        var first = try AtomicFile.read(folder.appending(Self.firstSector), limit: 512)
        var core = try AtomicFile.read(folder.appending(Self.core), limit: 1 << 20)
        guard first.count == 512, core.count > 512 else {
            throw RucheError(.buildFailed, "the boot loader of the distribution is not as it is known to be")
        }
        let sector = UInt64(layout.loaderOffset / DiskLayout.sector)
        Self.put(sector, in: &first, at: 0x5c)
        // Start from whatever disk the firmware started from.
        first[0x64] = 0xff
        // No check of the drive number that a BIOS gives: some give a wrong one.
        (first[0x66], first[0x67]) = (0x90, 0x90)
        Self.put(sector + 1, in: &core, at: 0x1f4)
        let file = try FileDescriptor.open(disk, .writeOnly, options: [.closeOnExec, .noFollow])
        try file.closeAfter {
            // The partition table's own part of the sector, from byte 440 on, stays.
            try file.writeAll(toAbsoluteOffset: 0, first[..<440])
            try file.writeAll(toAbsoluteOffset: layout.loaderOffset, core)
        }
    }

    private static func put(_ number: UInt64, in bytes: inout [UInt8], at offset: Int) {
        for index in 0..<8 { bytes[offset + index] = UInt8(truncatingIfNeeded: number >> (8 * UInt64(index))) }
    }
}
