import Glibc
package import RucheCore

/// A program that this one drives, and the Debian package that has it.
package struct Tool: Hashable, Sendable {
    package let name: String
    package let package_: String

    package init(_ name: String, package package_: String) {
        self.name = name
        self.package_ = package_
    }

    package static let ansiblePlaybook = Tool("ansible-playbook", package: "ansible-core")
    package static let buildah = Tool("buildah", package: "buildah")
    package static let docker = Tool("docker", package: "docker.io")
    package static let conmon = Tool("conmon", package: "conmon")
    package static let genisoimage = Tool("genisoimage", package: "genisoimage")
    package static let mcopy = Tool("mcopy", package: "mtools")
    package static let mformat = Tool("mformat", package: "mtools")
    package static let mke2fs = Tool("mke2fs", package: "e2fsprogs")
    package static let mksquashfs = Tool("mksquashfs", package: "squashfs-tools")
    package static let mmdebstrap = Tool("mmdebstrap", package: "mmdebstrap")
    package static let packer = Tool("packer", package: "packer")
    package static let qemu = Tool("qemu-system-x86_64", package: "qemu-system-x86")
    package static let qemuImage = Tool("qemu-img", package: "qemu-utils")
    package static let runc = Tool("runc", package: "runc")
    package static let sfdisk = Tool("sfdisk", package: "fdisk")
    /// Gives containers a network of their own.
    package static let slirp = Tool("slirp4netns", package: "slirp4netns")
    package static let ssh = Tool("ssh", package: "openssh-client")
    package static let sshKeygen = Tool("ssh-keygen", package: "openssh-client")
    package static let virsh = Tool("virsh", package: "libvirt-clients")
    /// Shares folders with virtual machines; on no search path.
    package static let virtiofsd = Tool("/usr/lib/qemu/virtiofsd", package: "qemu-system-common")

    package static let known = [
        ansiblePlaybook, buildah, conmon, docker, genisoimage, mcopy, mformat, mke2fs, mksquashfs, mmdebstrap, packer,
        qemu, qemuImage, runc, sfdisk, slirp, ssh, sshKeygen, virsh, virtiofsd,
    ]

    /// Folders searched for programs, fixed so that the caller's PATH can't put another program first.
    package static let searchPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

    /// The absolute path of a program, or nil.
    package static func find(_ name: String) -> String? {
        if name.hasPrefix("/") { return access(name, X_OK) == 0 ? name : nil }
        return searchPath.split(separator: ":").lazy.map { "\($0)/\(name)" }.first { access($0, X_OK) == 0 }
    }

    /// The error for a program that is not here, naming the package to install.
    package static func missing(_ name: String) -> RucheError {
        let package_ = known.first { $0.name == name }?.package_
        let remedy = package_.map { ": install it with \"apt install \($0)\"" } ?? ""
        return RucheError(
            .missingTool, "the program \"\(name)\" is not on this machine\(remedy)",
            details: ["tool": name].merging(package_.map { ["package": $0] } ?? [:]) { first, _ in first })
    }

    /// Throws `missing_tool` for the first program that is not here.
    package static func require(_ tools: Tool...) throws {
        for tool in tools where find(tool.name) == nil { throw missing(tool.name) }
    }
}
