import RucheHost
import SystemPackage

/// A container's processes, where they are processes of this machine.
enum DockerProcesses {
    /// The container's first process; nil when another machine runs it or this process may not look.
    static func first(of container: DockerAPI.Inspect) -> ProcessIdentity? {
        guard let pid = container.State.Pid, let process = ProcessIdentity(of: pid),
            // A socket may lead to another machine, whose numbers mean nothing here.
            let groups = try? AtomicFile.read(FilePath("/proc/\(pid)/cgroup"), limit: 1 << 20),
            String(decoding: groups, as: UTF8.self).contains(container.Id)
        else { return nil }
        return process
    }

    /// Every other process in the first one's process namespace.
    static func others(beside first: ProcessIdentity) -> [ProcessIdentity] {
        guard let namespace = namespace(of: first.pid), let names = try? FileTree.names(in: "/proc") else { return [] }
        return names.compactMap { Int32($0) }.filter { $0 != first.pid && self.namespace(of: $0) == namespace }
            .compactMap { ProcessIdentity(of: $0) }
    }

    private static func namespace(of pid: Int32) -> String? {
        try? FileTree.linkTarget(FilePath("/proc/\(pid)/ns/pid"))  // it may have ended
    }
}
