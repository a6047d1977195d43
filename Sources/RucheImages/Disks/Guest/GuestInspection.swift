import RucheCore
import RucheHost
package import SystemPackage

/// What a machine's disk says of the system on it, found without mounting or booting it.
package struct GuestInspection: Hashable, Sendable {
    /// `PRETTY_NAME` of `os-release(5)`.
    package var system: String?
    /// Versions of its kernels, oldest name first.
    package var kernels: [String] = []
    /// In OCI's words; nil when its programs are not found.
    package var architecture: String?
    /// dpkg's list of packages, and when that last changed, in seconds since 1970.
    package var packages: [UInt8]?
    package var changedAt: Int64 = 0
    /// What could not be read, and why, in words.
    package var notes: [String] = []

    /// Throws `corrupt_content` for a disk that was cut off; what can't be read is a note.
    package init(of disk: FilePath) throws {
        let file = try FileDescriptor.open(disk, .readOnly, options: [.closeOnExec])
        let table = try file.closeAfter {
            let length = try file.seek(offset: 0, from: .end)
            let table = try PartitionTable(file, length: length)
            try note(table, file)
            return table
        }
        let systems = table.partitions.compactMap { GuestFileSystem(disk, offset: $0.start, size: $0.size) }
        guard let root = systems.first(where: { Self.release(of: $0) != nil }) else {
            notes.append("no file system with an operating system on it can be read (ext2, ext3, ext4 can)")
            return
        }
        read(root, others: systems)
    }

    private mutating func note(_ table: PartitionTable, _ file: FileDescriptor) throws {
        for partition in table.partitions {
            let what = table.kind == nil ? "the disk" : "partition \(partition.number)"
            let content = try PartitionContent(file, at: partition.start)
            if let reason = content.unreadable { notes.append("\(what) is \(content.name): \(reason)") }
        }
        if table.partitions.isEmpty { notes.append("the disk has no partitions") }
    }

    private mutating func read(_ root: GuestFileSystem, others: [GuestFileSystem]) {
        system = Self.release(of: root)
        var kernels = Set(root.names(in: "/lib/modules"))
        for system in others {
            for folder in ["/", "/boot"] {
                for name in system.names(in: folder) where name.hasPrefix("vmlinuz-") {
                    kernels.insert(String(name.dropFirst("vmlinuz-".count)))
                }
            }
        }
        self.kernels = kernels.filter { $0.utf8.count < 128 }.sorted()
        architecture = Self.architecture(of: root)
        if let status = root.read("/var/lib/dpkg/status", limit: 64 << 20) {
            (packages, changedAt) = (status.bytes, status.modified)
        } else {
            notes.append(Self.packageNote(root))
        }
    }

    private static func packageNote(_ root: GuestFileSystem) -> String {
        let others = [
            ("/var/lib/rpm", "RPM"), ("/usr/lib/sysimage/rpm", "RPM"), ("/lib/apk/db", "apk"),
            ("/var/lib/pacman", "pacman"),
        ]
        let found = others.first { root.isFolder($0.0) }
        return found.map { "its packages are \($0.1)'s, whose list is not read" } ?? "it has no list of packages (dpkg)"
    }

    static func release(of system: GuestFileSystem) -> String? {
        for path in ["/etc/os-release", "/usr/lib/os-release"] {
            guard let file = system.read(path, limit: 64 << 10) else { continue }
            var values: [Substring: String] = [:]
            for line in String(decoding: file.bytes, as: UTF8.self).split(separator: "\n") {
                let parts = line.split(separator: "=", maxSplits: 1)
                guard parts.count == 2 else { continue }
                values[parts[0]] = parts[1].trimmingQuotes()
            }
            let name = values["PRETTY_NAME"] ?? values["NAME"] ?? "an unnamed system"
            return String(String.UnicodeScalarView(name.unicodeScalars.filter { $0.value >= 32 }.prefix(200)))
        }
        return nil
    }

    /// From the head of a program (ELF, `e_machine`), which is what the machine runs.
    private static func architecture(of system: GuestFileSystem) -> String? {
        for path in ["/bin/sh", "/bin/bash", "/bin/busybox", "/sbin/init", "/usr/lib/systemd/systemd"] {
            guard let head = system.read(path, limit: 20, onlyHead: true)?.bytes,
                head.starts(with: [0x7F, 0x45, 0x4C, 0x46]), head.count == 20
            else { continue }
            let isBig = head[5] == 2
            switch isBig ? head.big(18, UInt16.self) : head.little(18, UInt16.self) {
            case 62: return "amd64"
            case 183: return "arm64"
            case 3: return "386"
            case 40: return "arm"
            case 21: return isBig ? "ppc64" : "ppc64le"
            case 22: return "s390x"
            case 243: return "riscv64"
            default: continue
            }
        }
        return nil
    }
}

extension Substring {
    /// Without the quotation marks around it, as shells read it.
    fileprivate func trimmingQuotes() -> String {
        var text = self
        while text.last?.isWhitespace == true { text.removeLast() }
        if text.count > 1, let first = text.first, first == "\"" || first == "'", text.last == first {
            text = text.dropFirst().dropLast()
        }
        return String(text)
    }
}
