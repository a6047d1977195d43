import RucheCore

/// What is set in every machine, besides packages.
struct MachineScript {
    let machine: MachineContract

    /// Before the kernel comes: with these drivers its first file system finds the disk of every hypervisor and cloud,
    /// and is small enough to load fast.
    static let prepare = """
        mkdir -p /etc/initramfs-tools/conf.d /usr/share/initramfs-tools/modules.d
        printf 'MODULES=list\\nCOMPRESS=zstd\\n' >/etc/initramfs-tools/conf.d/ruche
        printf '%s\\n' ahci ata_piix ext4 hv_storvsc isofs mptspi nvme sd_mod sr_mod virtio_blk virtio_net virtio_pci \\
            virtio_scsi vmw_pvscsi xen_blkfront >/usr/share/initramfs-tools/modules.d/ruche
        dpkg-divert --quiet --local --rename --add \(hook)

        """

    /// What makes a first file system as soon as there is a kernel. It waits until everything is there that has a say
    /// in it; else there would be a second one at once.
    private static let hook = "/etc/kernel/postinst.d/initramfs-tools"

    /// What looks at the finished root tells of one without a kernel.
    private let firstFileSystem = """
        dpkg-divert --quiet --local --rename --remove \(hook)
        for kernel in /boot/vmlinuz-*; do
            [ ! -e "$kernel" ] || update-initramfs -c -k "${kernel#/boot/vmlinuz-}"
        done

        """

    var configure: String {
        let sections = [
            firstFileSystem, growth, network, machine.ssh ? hostKeys : "", account, cloud, MachineIdentityScript.text,
            agent,
        ]
        return sections.filter { !$0.isEmpty }.joined(separator: "\n")
    }

    /// The root takes all of a disk that is larger than the image: the partition here, the file system by fstab.
    private let growth = """
        mkdir -p /etc/repart.d
        printf '[Partition]\\nType=root\\n' >/etc/repart.d/50-root.conf

        """

    private var network: String {
        var lines = ["[Match]", "Name=en* eth*", "", "[Network]"]
        if let fixed = machine.network {
            lines.append("Address=\(fixed.address)")
            if let gateway = fixed.gateway { lines.append("Gateway=\(gateway)") }
            lines += fixed.dns.map { "DNS=\($0)" }
        } else {
            lines.append("DHCP=yes")
        }
        let file = Self.file("/etc/systemd/network/80-ruche.network", lines)
        let keep =
            machine.network == nil || !machine.cloudInit
            ? "" : Self.file("/etc/cloud/cloud.cfg.d/80-network.cfg", ["network: {config: disabled}"])
        return file + keep + "systemctl enable systemd-networkd systemd-resolved\n"
    }

    /// Each machine makes its own host keys: none is in an image.
    private let hostKeys =
        file(
            "/etc/systemd/system/ruche-host-keys.service",
            [
                "[Unit]", "Description=Keys of this SSH server", "Before=ssh.service",
                "After=systemd-random-seed.service",
                "ConditionPathExists=!/etc/ssh/ssh_host_ed25519_key", "", "[Service]", "Type=oneshot",
                // One of RSA would take most of the first start.
                "ExecStart=/usr/bin/ssh-keygen -q -t ed25519 -N '' -f /etc/ssh/ssh_host_ed25519_key",
                "ExecStart=/usr/bin/ssh-keygen -q -t ecdsa -N '' -f /etc/ssh/ssh_host_ecdsa_key", "", "[Install]",
                "WantedBy=ssh.service",
            ]) + "systemctl enable ruche-host-keys.service ssh.service\n"

    /// The account exists from the start, without a password, so that the machine is the same with and without a cloud.
    private var account: String {
        let user = machine.user
        let keys = machine.keys.isEmpty ? [] : [Self.file("/home/\(user)/.ssh/authorized_keys", machine.keys)]
        return """
            id \(user) >/dev/null 2>&1 || useradd -m -s /bin/bash \(user)
            echo '\(user) ALL=(ALL) NOPASSWD: ALL' >/etc/sudoers.d/\(user)
            chmod 440 /etc/sudoers.d/\(user)
            install -d -m 700 -o \(user) -g \(user) /home/\(user)/.ssh

            """ + keys.joined()
                + (machine.keys.isEmpty
                    ? ""
                    : "chown \(user):\(user) /home/\(user)/.ssh/authorized_keys\nchmod 600 /home/\(user)/.ssh/authorized_keys\n")
    }

    private var cloud: String {
        guard machine.cloudInit else { return "" }
        return Self.file(
            "/etc/cloud/cloud.cfg.d/70-ruche.cfg",
            [
                "datasource_list: [NoCloud, ConfigDrive, OpenStack, None]", "ssh_pwauth: false", "disable_root: true",
                "ssh_genkeytypes: [ed25519, ecdsa]",
                // The partition and the file system have grown before.
                "growpart: {mode: off}", "resize_rootfs: false", "locale: false", "system_info:", "  default_user:",
                "    name: \"\(machine.user)\"", "    lock_passwd: true", "    shell: /bin/bash",
                "    sudo: [\"ALL=(ALL) NOPASSWD: ALL\"]",
            ])
    }

    /// LXD gives its machines a program to talk to; it is started where there is one.
    private let agent =
        file(
            "/usr/lib/ruche/lxd-agent",
            [
                "#!/bin/sh", "set -eu", "mkdir -p /run/lxd_agent/config",
                "mount -t virtiofs config /run/lxd_agent/config 2>/dev/null ||",
                "    mount -t 9p config /run/lxd_agent/config -o access=0,trans=virtio",
                "cp -r /run/lxd_agent/config/. /run/lxd_agent/", "umount /run/lxd_agent/config",
                "cd /run/lxd_agent", "exec ./lxd-agent",
            ])
        + "chmod 755 /usr/lib/ruche/lxd-agent\n"
        + file(
            "/etc/systemd/system/lxd-agent.service",
            [
                "[Unit]", "Description=LXD agent", "DefaultDependencies=no",
                "After=local-fs.target", "", "[Service]", "Type=notify", "ExecStart=/usr/lib/ruche/lxd-agent",
                "Restart=on-failure",
            ])
        + file(
            "/etc/udev/rules.d/99-lxd-agent.rules",
            [
                #"SYMLINK=="virtio-ports/org.linuxcontainers.lxd", TAG+="systemd", ENV{SYSTEMD_WANTS}+="lxd-agent.service""#
            ])

    /// Shell that writes a file; nothing in `lines` is expanded.
    static func file(_ path: String, _ lines: [String]) -> String {
        let folder = path.split(separator: "/").dropLast().joined(separator: "/")
        return "mkdir -p /\(folder)\ncat >\(path) <<'RUCHE-END'\n" + lines.joined(separator: "\n") + "\nRUCHE-END\n"
    }
}
