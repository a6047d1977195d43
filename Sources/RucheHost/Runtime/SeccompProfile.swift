/// System calls that containers may not make: a list of denied ones over "allow", in the terms of
/// runtime-spec 1.0.2 (config-linux.md, "Seccomp").
///
/// Denied for every container: what reaches the kernel or the machine rather than the container (modules,
/// kexec, swap, clocks, accounting, BPF, perf, raw I/O ports), what has carried escapes (keyrings, user
/// namespaces, handles of files, userfaultfd, io_uring) and mounts. `clone3` answers ENOSYS because its
/// flags are behind a pointer that a filter can't read; C libraries then use `clone`, which is filtered.
/// Tracing stays allowed: debuggers and leak checkers need it, and it can't leave the process namespace.
/// The x32 calls of x86-64 are no part of it: a process that makes one is killed, and each architecture more takes
/// a millisecond of every start.
package struct SeccompProfile: Hashable, Sendable, Codable {
    package struct Argument: Hashable, Sendable, Codable {
        package var index: Int
        package var value: UInt64
        package var valueTwo: UInt64
        package var op: String
    }

    package struct Rule: Hashable, Sendable, Codable {
        package var names: [String]
        package var action: String
        package var errnoRet: Int
        package var args: [Argument]?
    }

    package var defaultAction: String
    package var architectures: [String]
    package var syscalls: [Rule]

    private static let machine = [
        "_sysctl", "acct", "clock_adjtime", "clock_adjtime64", "clock_settime", "clock_settime64", "adjtimex",
        "create_module", "delete_module", "finit_module", "init_module", "query_module", "get_kernel_syms",
        "ioperm", "iopl", "kexec_file_load", "kexec_load", "nfsservctl", "quotactl", "quotactl_fd", "reboot",
        "setdomainname", "sethostname", "settimeofday", "stime", "swapoff", "swapon", "syslog", "uselib", "vhangup",
        "vm86", "vm86old", "lookup_dcookie", "sysfs",
    ]
    private static let escapes = [
        "add_key", "bpf", "fanotify_init", "io_uring_enter", "io_uring_register", "io_uring_setup", "kcmp", "keyctl",
        "lsm_set_self_attr", "move_pages", "name_to_handle_at", "open_by_handle_at", "perf_event_open", "request_key",
        "setns", "userfaultfd",
    ]
    private static let mounts = [
        "fsconfig", "fsmount", "fsopen", "fspick", "mount", "mount_setattr", "move_mount", "open_tree",
        "open_tree_attr", "pivot_root", "umount", "umount2",
    ]
    /// What only package managers need; nobody could make devices without capabilities anyway.
    private static let administration = ["chroot", "mknod", "mknodat"]

    /// CLONE_NEWTIME, NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET (linux/sched.h).
    private static let namespaceFlags: [UInt64] = [
        0x80, 0x0002_0000, 0x0200_0000, 0x0400_0000, 0x0800_0000, 0x1000_0000, 0x2000_0000, 0x4000_0000,
    ]

    private static let notPermitted = 1  // EPERM
    private static let noSuchCall = 38  // ENOSYS

    /// The profile for a level of privileges on this machine's architecture.
    package init(_ privileges: SandboxSpec.Privileges) {
        defaultAction = "SCMP_ACT_ALLOW"
        #if arch(arm64)
        architectures = ["SCMP_ARCH_AARCH64", "SCMP_ARCH_ARM"]
        #else
        architectures = ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86"]
        #endif
        var denied = Self.machine + Self.escapes + Self.mounts
        if privileges == .none { denied += Self.administration }
        syscalls = [
            Rule(names: denied.sorted(), action: "SCMP_ACT_ERRNO", errnoRet: Self.notPermitted),
            Rule(names: ["clone3"], action: "SCMP_ACT_ERRNO", errnoRet: Self.noSuchCall),
        ]
        // CLONE_NEWTIME shares its bit with the exit signal of clone, so only unshare can be asked for it.
        for flag in Self.namespaceFlags {
            syscalls.append(
                Rule(
                    names: flag == 0x80 ? ["unshare"] : ["clone", "unshare"], action: "SCMP_ACT_ERRNO",
                    errnoRet: Self.notPermitted,
                    args: [Argument(index: 0, value: flag, valueTwo: flag, op: "SCMP_CMP_MASKED_EQ")]))
        }
    }
}
