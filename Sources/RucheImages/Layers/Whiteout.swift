package import Glibc

/// How a layer says that something below it is gone (OCI image specification 1.1, layer.md, "Whiteouts";
/// overlayfs: a character device 0/0, and the extended attribute `trusted.overlay.opaque`).
package enum Whiteout {
    static let prefix = Array(".wh.".utf8)
    static let opaqueName = Array(".wh..wh..opq".utf8)
    static let opaqueSuffix = [47] + opaqueName
    /// Marks that other tools leave and nobody needs.
    static let metaPrefix = Array(".wh..wh.".utf8)

    package static func isWhiteout(_ status: stat) -> Bool { status.st_mode & S_IFMT == S_IFCHR && status.st_rdev == 0 }
}

/// Device numbers as Linux packs them in 64 bits.
enum DeviceNumber {
    static func parts(_ device: UInt64) -> (major: UInt32, minor: UInt32) {
        let major = ((device >> 8) & 0xfff) | ((device >> 32) & 0xffff_f000)
        let minor = (device & 0xff) | ((device >> 12) & 0xffff_ff00)
        return (UInt32(truncatingIfNeeded: major), UInt32(truncatingIfNeeded: minor))
    }

    static func packed(major: UInt32, minor: UInt32) -> UInt64 {
        let (major, minor) = (UInt64(major), UInt64(minor))
        return (minor & 0xff) | ((major & 0xfff) << 8) | ((minor & ~0xff) << 12) | ((major & ~0xfff) << 32)
    }
}

/// Values of `timespec.tv_nsec` that the header defines by an expression Swift can't read.
enum TimeField {
    /// Leave this time as it is (`UTIME_OMIT`).
    static let omit = (1 << 30) - 2
}
