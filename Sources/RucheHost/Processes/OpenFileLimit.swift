import Glibc

/// How many files this process may have open.
package enum OpenFileLimit {
    /// Raises the limit to what the system allows, at most `wanted`: each client of a server is one.
    package static func raise(to wanted: UInt64 = 16_384) {
        var limit = rlimit()
        let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        guard getrlimit(resource, &limit) == 0 else { return }
        let target = min(rlim_t(wanted), limit.rlim_max)
        guard limit.rlim_cur < target else { return }
        limit.rlim_cur = target
        setrlimit(resource, &limit)
    }
}
