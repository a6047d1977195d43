import CExt2fs
import RucheCore
import RucheHost

/// Extended attributes of files of an ext4 file system, such as capabilities of programs.
enum Ext4Attributes {
    static func set(_ attributes: [ArchiveEntry.Attribute], of number: ext2_ino_t, in files: Ext4FileSystem) throws {
        var opened: OpaquePointer?
        try Ext4FileSystem.check(ext2fs_xattrs_open(files.system, number, &opened), "write")
        defer { ext2fs_xattrs_close(&opened) }
        try Ext4FileSystem.check(ext2fs_xattrs_read(opened), "read")
        for attribute in attributes {
            let result = attribute.value.withUnsafeBytes { value in
                withName(attribute.name) { ext2fs_xattr_set(opened, $0, value.baseAddress, value.count) }
            }
            try Ext4FileSystem.check(result, "write")
        }
    }
}
