/// A format of disk images, by the name that recipes, the API, file names and qemu-img have for it.
package enum DiskFormat: String, Hashable, Sendable, Codable, CaseIterable {
    case raw, qcow2, vmdk, vdi, vhdx
}
