import Foundation
import RucheCore
import RucheHost
import SystemPackage

/// What libvirt is told of one machine.
///
/// Its disks are files that the server opens and hands over (`fdgroup`): whoever runs QEMU there needs no right to the
/// data directory. A domain of somebody else's making has no open files, so nobody starts ours behind our back.
struct LibvirtDomain: Sendable {
    /// One file that is handed over, by the name of its group.
    struct File: Sendable {
        let group: String
        let path: FilePath
        let isWritable: Bool
    }

    /// By which the monitor finds the disk. Names that libvirt did not choose must begin so.
    static let diskAlias = "ua-disk"
    static let namespace = "urn:ruche:instance"
    /// Of the first bus, where libvirt puts nothing: its own devices are behind ports in the first slots, those of the
    /// chipset are in the last one.
    private static let networkSlot = "0x1e"

    let spec: InstanceSpec
    let acceleration: InstanceAcceleration
    let data: FilePath

    /// Where sockets of shared folders are while a machine starts. QEMU connects to them by their names, and its user
    /// does not get into the data directory.
    static let socketFolder: FilePath = "/run/ruche"

    var name: String { spec.mark }

    /// What our domains are told from those of another data directory by, in letters that no XML changes.
    static func mark(_ data: FilePath) -> String { Data(data.string.utf8).base64EncodedString() }

    /// Always the same for an instance: a new definition then takes the place of the one before.
    var uuid: String {
        let alphabet = Array("0123456789abcdefghjkmnpqrstvwxyz".utf8)
        let number = spec.id.description.utf8.reduce(UInt128(0)) { number, character in
            number << 5 | UInt128(alphabet.firstIndex(of: character) ?? 0)
        }
        let digits = String(number, radix: 16)
        var text = String(repeating: "0", count: 32 - digits.count) + digits
        for place in [20, 16, 12, 8] { text.insert("-", at: text.index(text.startIndex, offsetBy: place)) }
        return text
    }

    var files: [File] {
        guard case .disk(let image, _) = spec.image else { return [] }
        let seed = spec.folder.appending(InstanceSpec.seedFile)
        let disks = [
            File(group: "disk", path: spec.folder.appending(OverlayDisk.file), isWritable: true),
            File(group: "image", path: image, isWritable: false),
        ]
        return disks + (FileTree.exists(seed) ? [File(group: "seed", path: seed, isWritable: false)] : [])
    }

    static func shares(_ spec: InstanceSpec) -> [SharedFolder] {
        SharedFolder.all(spec, in: socketFolder, prefix: "\(spec.mark)-")
    }

    // MARK: The document

    /// Throws `unsupported` for a fixed address that can't be had here.
    func document() throws -> String {
        let isAccelerated = acceleration == .hardware
        let credentials = spec.credentials.map { "<entry>\(Self.escaped($0))</entry>" }.joined()
        let sysinfo =
            credentials.isEmpty
            ? "" : "<sysinfo type='smbios'><oemStrings>\(credentials)</oemStrings></sysinfo>"
        return """
            <domain type='\(isAccelerated ? "kvm" : "qemu")' xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'>
              <name>\(name)</name>
              <uuid>\(uuid)</uuid>
              <title>\(Self.escaped(spec.name)), an instance of Ruche</title>
              <metadata><ruche:instance xmlns:ruche='\(Self.namespace)' data='\(Self.mark(data))'/></metadata>
              <memory unit='MiB'>\(spec.memory.bytes >> 20)</memory>
              \(sharedMemory)
              <vcpu>\(spec.cpus)</vcpu>
              \(sysinfo)
              <os>
                <type arch='x86_64' machine='q35'>hvm</type>
                \(firmware)
                \(sysinfo.isEmpty ? "" : "<smbios mode='sysinfo'/>")
              </os>
              <features><acpi/></features>
              <cpu mode='\(isAccelerated ? "host-passthrough" : "maximum")'/>
              <on_poweroff>destroy</on_poweroff>
              <on_reboot>restart</on_reboot>
              <on_crash>destroy</on_crash>
              \(devices)
              <qemu:commandline>
                \(try network())
              </qemu:commandline>
            </domain>

            """
    }

    private var devices: String {
        """
        <devices>
          \(disks)
          \(filesystems)
          <serial type='pty'>
            <log file='\(Self.escaped(spec.console.string))' append='on'/>
            <target port='0'/>
          </serial>
          <rng model='virtio'><backend model='random'>/dev/urandom</backend></rng>
          <memballoon model='none'/>
          <controller type='usb' model='none'/>
          <video><model type='none'/></video>
        </devices>
        """
    }

    /// The machine's own variables are in libvirt's folder for such: QEMU opens them by their name there, and may.
    private var firmware: String {
        guard spec.firmware == .uefi else { return "" }
        return "<loader readonly='yes' type='pflash'>\(UEFIFirmware.code)</loader>"
            + "<nvram template='\(UEFIFirmware.newVariables)'/>"
    }

    private var disks: String {
        guard case .disk(_, let format) = spec.image else { return "" }
        let sources = Dictionary(files.map { ($0.group, Self.source($0)) }) { first, _ in first }
        let disk = """
            <disk type='file' device='disk'>
              <driver name='qemu' type='qcow2' discard='unmap'/>
              \(sources["disk"] ?? "")
              <backingStore type='file'>
                <format type='\(format.rawValue)'/>
                \(sources["image"] ?? "")
                <backingStore/>
              </backingStore>
              <target dev='vda' bus='virtio'/>
              <boot order='1'/>
              <alias name='\(Self.diskAlias)'/>
            </disk>
            """
        guard let seed = sources["seed"] else { return disk }
        return disk + """

            <disk type='file' device='disk'>
              <driver name='qemu' type='raw'/>
              \(seed)
              <target dev='vdb' bus='virtio'/>
              <readonly/>
            </disk>
            """
    }

    /// What is shared is in memory that the other program sees too.
    private var sharedMemory: String {
        guard !spec.shares.isEmpty else { return "" }
        return "<memoryBacking><source type='memfd'/><access mode='shared'/></memoryBacking>"
    }

    /// Served by our own program: one of libvirt's would run as root.
    private var filesystems: String {
        Self.shares(spec).map { share in
            "<filesystem type='mount'><driver type='virtiofs'/><source socket='\(share.socket)'/>"
                + "<target dir='\(share.tag)'/></filesystem>"
        }.joined()
    }

    /// libvirt gives no other owner to what it is handed open.
    private static func source(_ file: File) -> String {
        "<source file='\(escaped(file.path.string))' fdgroup='\(file.group)'/>"
    }

    /// QEMU's own words: libvirt 9.0 forwards ports through passt only, whose network is that of this machine, not one
    /// in which a guest with a fixed address can be made at home.
    private func network() throws -> String {
        try UserNetwork.arguments(spec, properties: ["addr=\(Self.networkSlot)"]).map {
            "<qemu:arg value='\(Self.escaped($0))'/>"
        }
        .joined()
    }

    static func escaped(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
            .replacing("'", with: "&apos;").replacing("\"", with: "&quot;")
    }
}
