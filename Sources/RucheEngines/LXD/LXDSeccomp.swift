import RucheHost

/// A seccomp profile in LXC's format, version 2.
enum LXDSeccomp {
    static func text(_ profile: SeccompProfile) -> String {
        var lines = ["2", "denylist", "[all]"]
        for rule in profile.syscalls {
            let arguments = (rule.args ?? []).map { "[\($0.index),\($0.value),\($0.op),\($0.valueTwo)]" }
            for name in rule.names {
                lines.append((["\(name) errno \(rule.errnoRet)"] + arguments).joined(separator: " "))
            }
        }
        return lines.joined(separator: "\n")
    }

    /// Every capability of Linux (capabilities(7)), in LXC's words.
    static let capabilities = [
        "audit_control", "audit_read", "audit_write", "block_suspend", "bpf", "checkpoint_restore", "chown",
        "dac_override", "dac_read_search", "fowner", "fsetid", "ipc_lock", "ipc_owner", "kill", "lease",
        "linux_immutable", "mac_admin", "mac_override", "mknod", "net_admin", "net_bind_service", "net_broadcast",
        "net_raw", "perfmon", "setfcap", "setgid", "setpcap", "setuid", "sys_admin", "sys_boot", "sys_chroot",
        "sys_module", "sys_nice", "sys_pacct", "sys_ptrace", "sys_rawio", "sys_resource", "sys_time",
        "sys_tty_config", "syslog", "wake_alarm",
    ]
}
