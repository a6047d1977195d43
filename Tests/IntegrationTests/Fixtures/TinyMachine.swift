import Glibc
import RucheHost
import SystemPackage

/// Machines over a distribution of one static program, whose package manager has a kernel and a boot loader that only
/// look like ones: every step and every tool of a machine's build runs, in seconds and without a mirror. They don't start.
extension RucheFixture {
    /// Writes a recipe folder and returns it.
    func tinyMachineRecipe(_ variants: [String] = ["qcow2", "ova", "lxd-vm"]) async throws -> FilePath {
        let root = folder.appending("distribution")
        if !FileTree.exists(root) {
            try await tool("cp", "-a", try await busyboxFolder().string, root.string)
            for (name, text) in Self.programs { try write("distribution/\(name)", text, executable: true) }
            try write("distribution/etc/passwd", "root:x:0:0::/:/bin/sh\ndebian:x:1000:1000::/home/debian:/bin/sh\n")
            try write("distribution/etc/os-release", "PRETTY_NAME=\"Tiny System\"\n")
            try write("distribution/etc/group", "root:x:0:\ndebian:x:1000:\n")
        }
        let recipe = folder.appending("machine")
        try await packRoot(root, to: recipe.appending("root.tar"))
        try write(
            "machine/ruche.yaml",
            """
            ruche: 1
            name: test/machine
            version: 1.0.0
            from: tar:root.tar
            steps:
              - shell: "head -c 6000000 /dev/urandom >/noise.new; sleep 1; rm /noise.new; echo hello >/greeting"
            machine: {cloud_init: false, disk: 256M}
            variants: [\(variants.joined(separator: ", "))]

            """)
        return recipe
    }

    private static let programs = [
        "usr/bin/apt-get": """
        #!/bin/sh
        # Installs what the build of a machine asks for.
        for word; do
            case $word in
            linux-image-*)
                mkdir -p /boot
                for name in vmlinuz System.map; do cp /bin/busybox /boot/$name-1; done
                for name in vmlinuz initrd.img; do ln -s boot/$name-1 /$name; done
                sleep 1 ;;
            grub-pc-bin)
                mkdir -p /usr/lib/grub/i386-pc
                head -c 512 /bin/busybox >/usr/lib/grub/i386-pc/boot.img ;;
            sudo) mkdir -p /etc/sudoers.d ;;
            esac
        done

        """,
        "usr/bin/grub-mkimage": """
        #!/bin/sh
        while [ "$1" != -o ]; do shift; done
        head -c 100000 /bin/busybox >"$2"
        sleep 1

        """,
        "usr/bin/dpkg-divert": "#!/bin/sh\n",
        "usr/sbin/update-initramfs": """
        #!/bin/sh
        while [ "$1" != -k ]; do shift; done
        cp /bin/busybox "/boot/initrd.img-$2"

        """,
        "usr/bin/install": "#!/bin/sh\nfor last; do :; done\nmkdir -p \"$last\"\n",
        "bin/systemctl": "#!/bin/sh\n",
    ]
}
