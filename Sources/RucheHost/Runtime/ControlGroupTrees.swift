import Glibc
package import SystemPackage

/// Where this machine has its control groups mounted.
package struct ControlGroupTrees: Sendable {
    /// Version 1: the tree of each controller. Empty under version 2.
    package var controllers: [String: FilePath]
    /// The tree of version 2, when it carries the controllers; nil on a hybrid machine.
    package var unified: FilePath?
    /// Every tree, those without controllers too: the runtime makes the group in each.
    package var all: [FilePath]

    /// Read once: the machine does not move its control groups while it runs.
    private static let first = try? read()

    package static func detect() throws -> Self {
        if let first { return first }
        return try read()
    }

    private static func read() throws -> Self {
        Self(mounts: try MountTable.read())
    }

    init(controllers: [String: FilePath], unified: FilePath?, all: [FilePath]) {
        self.controllers = controllers
        self.unified = unified
        self.all = all
    }

    init(mounts: [MountEntry]) {
        if let root = mounts.last(where: { $0.mountPoint == "/sys/fs/cgroup" }), root.type == "cgroup2" {
            self.init(controllers: [:], unified: root.mountPoint, all: [root.mountPoint])
            return
        }
        self.init(controllers: [:], unified: nil, all: [])
        for mount in mounts where mount.mountPoint.starts(with: "/sys/fs/cgroup") {
            if mount.type == "cgroup" {
                for option in mount.superOptions { controllers[option] = mount.mountPoint }
            }
            if mount.type == "cgroup" || mount.type == "cgroup2" { all.append(mount.mountPoint) }
        }
    }

    /// Controllers that containers need and this machine lacks, sorted.
    package func missingControllers() -> [String] {
        guard let unified else {
            return ["cpu", "cpuacct", "freezer", "memory", "pids"].filter { controllers[$0] == nil }
        }
        let text = (try? AtomicFile.read(unified.appending("cgroup.controllers"))) ?? []
        let present = String(decoding: text, as: UTF8.self).split(whereSeparator: \.isWhitespace)
        return ["cpu", "memory", "pids"].filter { !present.contains(Substring($0)) }
    }
}
