import RucheCore
import RucheHost
import SystemPackage

/// The command line of one machine. Sockets and files of its own are named as its folder, where it is started, has them.
struct QEMUArguments: Sendable {
    static let diskDevice = "disk"

    var spec: InstanceSpec
    var acceleration: InstanceAcceleration
    /// Who it becomes once everything is open; nil stays who starts it.
    var user: String?

    /// Throws `unsupported` for a fixed address that can't be had here.
    func build() throws -> [String] {
        var arguments = [
            "-name", spec.mark, "-nodefaults", "-no-user-config", "-display", "none", "-machine",
            "q35,dump-guest-core=off", "-cpu", isAccelerated ? "host" : "max", "-accel",
            isAccelerated ? "kvm" : "tcg,thread=multi", "-smp", String(spec.cpus), "-m",
            "\(spec.memory.bytes >> 20)M",
            // Not "elevateprivileges": it would keep QEMU from becoming the user below. No new privileges are had anyway.
            "-sandbox", "on,obsolete=deny,spawn=deny,resourcecontrol=deny",
        ]
        if let user { arguments += ["-runas", user] }
        arguments += Self.monitor + firmware + disks
        arguments += try UserNetwork.arguments(spec)
        arguments += ["-device", "virtio-rng-pci"] + shares
        for credential in spec.credentials { arguments += ["-smbios", "type=11,value=\(Self.escaped(credential))"] }
        return arguments
    }

    private var isAccelerated: Bool { acceleration == .hardware }

    /// The console is kept in its file while nobody listens.
    private static let monitor = [
        "-chardev",
        "socket,id=console,path=\(InstanceSpec.consoleSocket),server=on,wait=off,logfile=\(InstanceSpec.consoleLog),logappend=on",
        "-serial", "chardev:console",
        "-chardev", "socket,id=qmp,path=\(QMPClient.socket),server=on,wait=off", "-mon", "chardev=qmp,mode=control",
    ]

    private var firmware: [String] {
        guard spec.firmware == .uefi else { return [] }
        return [
            "-drive", "if=pflash,unit=0,format=raw,readonly=on,file=\(UEFIFirmware.code)", "-drive",
            "if=pflash,unit=1,format=raw,file=\(UEFIFirmware.variablesFile)",
        ]
    }

    /// The file below is named here and not taken from the header: the data directory may have been moved.
    private var disks: [String] {
        guard case .disk(let image, let format) = spec.image else { return [] }
        let layers = [
            "driver=qcow2", "file.driver=file", "file.filename=\(OverlayDisk.file)",
            "backing.driver=\(format.rawValue)", "backing.file.driver=file",
            "backing.file.filename=\(Self.escaped(image.string))",
        ]
        let drive = layers + ["if=none", "id=\(Self.diskDevice)", "discard=unmap"]
        var arguments = ["-drive", drive.joined(separator: ",")]
        arguments += ["-device", "virtio-blk-pci,drive=\(Self.diskDevice),bootindex=0"]
        if FileTree.exists(spec.folder.appending(InstanceSpec.seedFile)) {
            arguments += [
                "-drive", "file=\(InstanceSpec.seedFile),format=raw,if=none,id=seed,readonly=on", "-device",
                "virtio-blk-pci,drive=seed",
            ]
        }
        return arguments
    }

    /// What is shared is in memory that the other program sees too.
    private var shares: [String] {
        guard !spec.shares.isEmpty else { return [] }
        let memory = [
            "-object", "memory-backend-memfd,id=memory,size=\(spec.memory.bytes >> 20)M,share=on", "-numa",
            "node,memdev=memory",
        ]
        return SharedFolder.all(spec, in: "").reduce(into: memory) { arguments, share in
            arguments += [
                "-chardev", "socket,id=\(share.tag),path=\(share.socket)", "-device",
                "vhost-user-fs-pci,chardev=\(share.tag),tag=\(share.tag)",
            ]
        }
    }

    /// A comma in a value of an option is written twice.
    static func escaped(_ text: String) -> String { text.replacing(",", with: ",,") }
}
