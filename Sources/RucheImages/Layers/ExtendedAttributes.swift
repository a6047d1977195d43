import RucheCore
import RucheHost
import SystemPackage

/// The extended attributes of files that a layer keeps, and overlayfs' own marks.
package enum ExtendedAttributes {
    private static let overlayPrefixes = [Array("trusted.overlay.".utf8), Array("user.overlay.".utf8)]
    private static let userPrefix = Array("user.".utf8)
    private static let capability = Array("security.capability".utf8)
    private static let opaque = Array("trusted.overlay.opaque".utf8)
    private static let userOpaque = Array("user.overlay.opaque".utf8)
    private static let redirects = ["trusted.overlay.redirect", "trusted.overlay.metacopy"].map { Array($0.utf8) }

    /// File capabilities and what users set. Labels and access lists belong to the machine, and overlayfs'
    /// marks must never come from a file's content.
    static func isKept(_ name: [UInt8]) -> Bool {
        name == capability
            || (name.starts(with: userPrefix) && !overlayPrefixes.contains { name.starts(with: $0) })
    }

    static func kept(_ descriptor: Int32) throws -> [ArchiveEntry.Attribute] {
        try FileAttributes.names(descriptor).filter(isKept).compactMap { name in
            try FileAttributes.value(of: name, descriptor).map { ArchiveEntry.Attribute(name: name, value: $0) }
        }
    }

    /// Whether a folder of an overlay hides the one below it.
    package static func isOpaque(_ descriptor: Int32) throws -> Bool {
        try [opaque, userOpaque].contains { try FileAttributes.value(of: $0, descriptor) == [121] }
    }

    static func setOpaque(_ descriptor: Int32) throws { try FileAttributes.set([121], for: opaque, descriptor) }

    /// A folder that overlayfs renamed only by name is not whole without the layers below.
    static func refuseRedirect(_ descriptor: Int32, path: [UInt8]) throws {
        for name in redirects where try FileAttributes.value(of: name, descriptor) != nil {
            throw RucheError(
                .unsupported,
                "\"\(String(decoding: path, as: UTF8.self))\" has \(String(decoding: name, as: UTF8.self)): mount the overlay with redirect_dir=off,metacopy=off"
            )
        }
    }

    static func set(_ attributes: [ArchiveEntry.Attribute], on descriptor: Int32) throws {
        for attribute in attributes where isKept(attribute.name) {
            do {
                try FileAttributes.set(attribute.value, for: attribute.name, descriptor)
            } catch Errno.notSupportedOnSocket where attribute.name != capability {
                // A file system without user attributes loses them; capabilities are what programs need to run.
            }
        }
    }
}
