import Glibc
import SystemPackage

/// The control group of one container, in either version of the kernel's interface (cgroups(7)).
///
/// Version 1 has a tree for each controller, and a hybrid machine an empty tree of version 2 beside them;
/// version 2 has one tree. Which of them is asked is found at each use, so this value survives a restart.
package struct ControlGroup: Sendable {
    /// Absolute name below each tree, such as `/ruche/ID`: `cgroupsPath` of the runtime's configuration.
    package let name: String
    private let trees: ControlGroupTrees

    /// The group of the container `id`, whether it exists or not.
    package init(container id: String) throws {
        self.init(name: "/ruche/\(id)", trees: try ControlGroupTrees.detect())
    }

    /// The group of that absolute name, whoever made it.
    package init(name: String) throws { self.init(name: name, trees: try ControlGroupTrees.detect()) }

    init(name: String, trees: ControlGroupTrees) {
        self.name = name
        self.trees = trees
    }

    /// True when limits of memory and swap together can be set.
    var countsSwap: Bool {
        guard let memory = trees.controllers["memory"] else { return true }
        return FileTree.exists(memory.appending("memory.memsw.limit_in_bytes"))
    }

    /// True while some tree has the group.
    package var exists: Bool { trees.all.contains { FileTree.exists(folder($0)) } }

    /// Process numbers in the group, its own view of them; empty when it does not exist.
    package func processes() -> [Int32] {
        guard let tree = trees.unified ?? trees.controllers["freezer"] ?? trees.controllers["pids"] else { return [] }
        let text = read(tree, "cgroup.procs") ?? ""
        // 0 stands for a process this one can't see: no number to send signals to.
        return text.split(separator: "\n").compactMap { Int32($0) }.filter { $0 > 1 }
    }

    /// Sends KILL to every process of the group and lets frozen ones run so that they die.
    /// Call it again until it returns false, that is until none is left.
    package func kill() -> Bool {
        if trees.unified != nil, write("cgroup.kill", "1") { /* one write, no race with forks */  }
        let found = processes()
        for process in found { _ = Glibc.kill(process, SIGKILL) }
        setFrozen(false)
        return !found.isEmpty
    }

    /// Asks the kernel to freeze or thaw every process; `isFrozen` tells when it is done.
    package func setFrozen(_ frozen: Bool) {
        if trees.unified != nil {
            _ = write("cgroup.freeze", frozen ? "1" : "0")
        } else if let freezer = trees.controllers["freezer"] {
            _ = write(to: folder(freezer).appending("freezer.state"), frozen ? "FROZEN" : "THAWED")
        }
    }

    package var isFrozen: Bool {
        if let unified = trees.unified { return values(unified, "cgroup.events")["frozen"] == 1 }
        guard let freezer = trees.controllers["freezer"] else { return false }
        return read(freezer, "freezer.state")?.hasPrefix("FROZEN") ?? false
    }

    /// Processes the kernel killed because the memory limit was reached.
    package var memoryKills: UInt64 {
        if let unified = trees.unified { return values(unified, "memory.events")["oom_kill"] ?? 0 }
        guard let memory = trees.controllers["memory"] else { return 0 }
        return values(memory, "memory.oom_control")["oom_kill"] ?? 0
    }

    /// What the group has used so far.
    package func usage() -> ControlGroupUsage {
        if let unified = trees.unified { return unifiedUsage(unified) }
        var usage = ControlGroupUsage()
        if let tree = trees.controllers["cpuacct"], let time = number(tree, "cpuacct.usage") {
            (usage.cpuNanoseconds, usage.takenAt) = (time, .now)
        }
        if let tree = trees.controllers["pids"] { usage.processes = number(tree, "pids.current") ?? 0 }
        if let tree = trees.controllers["memory"] {
            let inactive = values(tree, "memory.stat")["total_inactive_file"] ?? 0
            let used = number(tree, "memory.usage_in_bytes") ?? 0
            usage.memoryBytes = used - min(inactive, used)
            usage.memoryPeakBytes = number(tree, "memory.max_usage_in_bytes") ?? used
            // No limit is written as the greatest number of pages.
            usage.memoryLimitBytes = number(tree, "memory.limit_in_bytes").flatMap { $0 < 1 << 60 ? $0 : nil }
        }
        if let tree = trees.controllers["blkio"] {
            for line in (read(tree, "blkio.throttle.io_service_bytes") ?? "").split(separator: "\n") {
                let fields = line.split(separator: " ")
                guard fields.count == 3, let bytes = UInt64(fields[2]) else { continue }
                if fields[1] == "Read" { usage.readBytes += bytes }
                if fields[1] == "Write" { usage.writtenBytes += bytes }
            }
        }
        return usage
    }

    /// Removes the group from every tree. Throws `Errno.resourceBusy` while a process is in it.
    package func remove() throws {
        for tree in trees.all { try remove(folder(tree)) }
    }

    private func remove(_ folder: FilePath) throws {
        if rmdir(folder.string) == 0 || errno == ENOENT { return }
        // A group with groups in it is busy as well.
        for child in (try? FileTree.names(in: folder)) ?? [] where FileTree.isFolder(folder.appending(child)) {
            try remove(folder.appending(child))
        }
        guard rmdir(folder.string) == 0 || errno == ENOENT else { throw Errno(rawValue: errno) }
    }

    private func unifiedUsage(_ tree: FilePath) -> ControlGroupUsage {
        var usage = ControlGroupUsage()
        if let time = values(tree, "cpu.stat")["usage_usec"] {
            (usage.cpuNanoseconds, usage.takenAt) = (time * 1000, .now)
        }
        usage.processes = number(tree, "pids.current") ?? 0
        let used = number(tree, "memory.current") ?? 0
        usage.memoryBytes = used - min(values(tree, "memory.stat")["inactive_file"] ?? 0, used)
        usage.memoryPeakBytes = number(tree, "memory.peak") ?? used
        usage.memoryLimitBytes = number(tree, "memory.max")
        for field in (read(tree, "io.stat") ?? "").split(whereSeparator: \.isWhitespace) {
            if field.hasPrefix("rbytes=") { usage.readBytes += UInt64(field.dropFirst(7)) ?? 0 }
            if field.hasPrefix("wbytes=") { usage.writtenBytes += UInt64(field.dropFirst(7)) ?? 0 }
        }
        return usage
    }

    private func folder(_ tree: FilePath) -> FilePath { FilePath(tree.string + name) }

    private func read(_ tree: FilePath, _ file: String) -> String? {
        // A group that is gone reads as nothing used.
        guard let bytes = try? AtomicFile.read(folder(tree).appending(file)) else { return nil }
        return String(decoding: bytes, as: UTF8.self)
    }

    private func number(_ tree: FilePath, _ file: String) -> UInt64? {
        read(tree, file)?.split(separator: "\n").first.flatMap { UInt64($0) }
    }

    /// Reads lines of `name value`.
    private func values(_ tree: FilePath, _ file: String) -> [String: UInt64] {
        var result: [String: UInt64] = [:]
        for line in (read(tree, file) ?? "").split(separator: "\n") {
            let fields = line.split(separator: " ")
            if fields.count == 2, let value = UInt64(fields[1]) { result[String(fields[0])] = value }
        }
        return result
    }

    private func write(_ file: String, _ text: String) -> Bool {
        guard let unified = trees.unified else { return false }
        return write(to: folder(unified).appending(file), text)
    }

    private func write(to path: FilePath, _ text: String) -> Bool {
        guard let file = try? FileDescriptor.open(path, .writeOnly, options: [.closeOnExec]) else { return false }
        defer { try? file.close() }  // the kernel acts on the write, not on the close
        return (try? file.writeAll(text.utf8)) != nil
    }
}

extension ControlGroup {
    /// Kills every process and returns when none is left. Throws `Errno.timedOut` after ten seconds: then one
    /// hangs in the kernel.
    package func end() async throws {
        for attempt in 0..<1000 {
            if !kill() { return }
            try await Task.sleep(for: .milliseconds(attempt < 50 ? 1 : 10))
        }
        throw Errno.timedOut
    }
}
