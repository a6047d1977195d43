import Glibc
import RucheCore
import RucheHost
import SystemPackage

/// The few files of a machine that say what disk it is on. They lie over its layers as one more.
struct MachineFiles {
    let root: MachineRoot
    let layout: DiskLayout

    /// Fills `folder`; `items` are the files of the layers.
    func write(to folder: FilePath, items: [LayerWalk.Item]) throws {
        let paths = Set(items.map(\.entry.path))
        try add(
            "etc/fstab", "UUID=\(layout.uuid("root")) / ext4 rw,noatime,errors=remount-ro,x-systemd.growfs 0 1\n",
            folder)
        try add("etc/hostname", root.hostName + "\n", folder)
        try add(
            "etc/hosts",
            "127.0.0.1\tlocalhost\n127.0.1.1\t\(root.hostName)\n::1\tlocalhost ip6-localhost ip6-loopback\n", folder)
        // Empty, so that each machine makes its own when it first starts.
        try add("etc/machine-id", "", folder)
        try add("boot/grub/grub.cfg", try menu(paths), folder)
        if paths.contains(Array("lib/systemd/systemd-resolved".utf8))
            || paths.contains(Array("usr/lib/systemd/systemd-resolved".utf8))
        {
            let link = folder.appending("etc/resolv.conf")
            guard symlink("../run/systemd/resolve/stub-resolv.conf", link.string) == 0 else {
                throw Errno(rawValue: errno)
            }
        }
    }

    private func add(_ path: String, _ text: String, _ folder: FilePath) throws {
        let file = folder.appending(path)
        try FileTree.makeFolder(file.removingLastComponent(), permissions: 0o755)
        try AtomicFile.write(
            Array(text.utf8), to: file, permissions: [.ownerReadWrite, .groupRead, .otherRead], durable: false)
    }

    /// Starts what the links of Debian's kernel packages lead to, so that a newer kernel is started without a change.
    private func menu(_ paths: Set<[UInt8]>) throws -> String {
        let places = ["", "boot/"]
        guard
            let place = places.first(where: { place in
                ["vmlinuz", "initrd.img"].allSatisfy { paths.contains(Array((place + $0).utf8)) }
            })
        else {
            throw RucheError(
                .buildFailed,
                "the machine has no kernel: neither /vmlinuz and /initrd.img nor the same in /boot are there; a package of machine.kernel installs them on Debian"
            )
        }
        let arguments = "root=UUID=\(layout.uuid("root")) ro console=tty0 console=ttyS0,115200"
        return """
            serial --unit=0 --speed=115200
            terminal_input console serial
            terminal_output console serial
            linux /\(place)vmlinuz \(arguments)
            initrd /\(place)initrd.img
            boot

            """
    }
}
