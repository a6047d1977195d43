import Glibc
import RucheCore
import RucheHost
import Support
import SystemPackage
import Testing

@testable import RucheImages

/// What is found in the file system of a machine that should be in no image.
@Suite struct GuestLeftoversTests {
    /// What is found in a root with these files.
    private func paths(
        _ files: [String: String], _ target: MachineTarget = .libvirt, isBox: Bool = false
    ) async throws -> [String] {
        try await Scratch.with { scratch in
            let root = scratch.appending("root")
            for folder in ["etc", "home/ada", "root"] { try FileTree.makeFolder(root.appending(folder)) }
            for (name, text) in files {
                let file = root.pushing(FilePath(name))
                try FileTree.makeFolder(file.removingLastComponent())
                try AtomicFile.write(Array(text.utf8), to: file)
            }
            let disk = scratch.appending("disk.raw")
            try await SystemCommandRunner().runChecked(
                Command("mke2fs", ["-q", "-t", "ext4", "-d", root.string, disk.string, "16M"]))
            let system = try #require(GuestFileSystem(disk, offset: 0, size: 16 << 20))
            return GuestLeftovers(root: system, target: target, isBox: isBox).problems.map(\.path)
        }
    }

    private static let key = "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n"
    private static let vagrant =
        "ssh-rsa AAAAB3NzaC1yc2EAAAABIwAAAQEA6NF8iallvQVp22WDkTkyrtvp9eWW6A8YVr+kz4TjGYe7gHzIw+niNltGEFHzD8+v1I2YJ6oX vagrant\n"

    static let table: [(String, String)] = [
        ("etc/machine-id", "0123456789abcdef0123456789abcdef\n"), ("etc/ssh/ssh_host_ed25519_key", key),
        ("etc/shadow", "root:*:1::::::\nada:$6$salt$hash:1::::::\n"), ("etc/shadow", "ada::1::::::\n"),
        ("root/.ssh/id_ed25519", key), ("home/ada/.ssh/backup", key.replacing("OPENSSH ", with: "")),
        ("root/.ssh/authorized_keys", vagrant), ("home/ada/.bash_history", "ls\n"),
        ("home/ada/.aws/credentials", "[default]\n"), ("root/.netrc", "machine a\n"),
        ("etc/ssl/private/server.key", key.replacing("OPENSSH", with: "RSA")),
        ("etc/openstack/clouds.yaml", "clouds: {}\n"),
    ]

    @Test(arguments: table.indices)
    func everySecretAndIdentityIsFound(index: Int) async throws {
        let (path, text) = Self.table[index]
        #expect(try await paths([path: text]) == ["/" + path])
    }

    @Test func cachesAreFoundWhereTheyAre() async throws {
        let files = [
            "var/lib/apt/lists/deb_dists_Release": "x", "var/lib/apt/lists/lock": "",
            "var/cache/apt/archives/bwa_1_amd64.deb": "x", "root/.cache/pip/http/a": "x",
        ]
        let found = try await paths(files)
        #expect(Set(found) == ["/var/lib/apt/lists", "/var/cache/apt/archives", "/root/.cache/pip"])
    }

    @Test func whatEveryMachineMayHaveIsNoProblem() async throws {
        let files = [
            "etc/machine-id": "uninitialized\n", "etc/shadow": "root:*:1::::::\ndebian:!:1::::::\n",
            "root/.ssh/authorized_keys": "ssh-ed25519 AAAA ada\n", "home/ada/.ssh/id_ed25519.pub": "ssh-ed25519 AAAA\n",
            "home/ada/.ssh/config": "Host *\n", "var/lib/apt/lists/lock": "", "etc/ssh/sshd_config": "",
        ]
        #expect(try await paths(files).isEmpty)
        let box = ["home/vagrant/.ssh/authorized_keys": Self.vagrant, "etc/shadow": "vagrant:$6$a$b:1::::::\n"]
        #expect(try await paths(box, isBox: true).isEmpty)
        #expect(Set(try await paths(box)) == ["/home/vagrant/.ssh/authorized_keys", "/etc/shadow"])
    }

    static let addresses: [(String, String)] = [
        ("etc/network/interfaces", "auto eth0\niface eth0 inet static\n  address 10.0.0.2\n"),
        ("etc/systemd/network/10-a.network", "[Network]\nAddress=10.0.0.2/8\n"),
        ("etc/netplan/01.yaml", "network:\n  ethernets:\n    eth0:\n      addresses: [10.0.0.2/8]\n"),
        ("etc/NetworkManager/system-connections/a", "[ipv4]\nmethod=manual\n"),
    ]

    @Test(arguments: addresses.indices)
    func anAddressIsAProblemWhereTheTargetGivesOne(index: Int) async throws {
        let (path, text) = Self.addresses[index]
        let files = [path: text, "usr/bin/cloud-init": "x"]
        #expect(try await paths(files, .openstack) == ["/" + path])
        #expect(try await paths(files, .libvirt).isEmpty)
        #expect(
            try await paths(
                [
                    path: text.lowercased().replacing("static", with: "dhcp")
                        .replacing("address", with: "dns").replacing("manual", with: "auto"), "usr/bin/cloud-init": "x",
                ], .openstack
            ).isEmpty)
    }

    @Test func whatATargetNeedsIsAskedFor() async throws {
        #expect(try await paths([:], .openstack) == ["/usr/bin/cloud-init"])
        #expect(
            try await paths([:], .lxd) == ["/usr/bin/cloud-init", "/etc/systemd/system/lxd-agent.service"])
        #expect(
            try await paths(["boot/vmlinuz-6.1-cloud-amd64": "x"], .virtualbox) == ["/boot/vmlinuz-6.1-cloud-amd64"])
        #expect(
            try await paths(["boot/vmlinuz-6.1-cloud-amd64": "x", "boot/vmlinuz-6.1-amd64": "x"], .virtualbox).isEmpty)
    }
}
