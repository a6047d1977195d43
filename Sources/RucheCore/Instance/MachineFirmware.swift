/// What starts a machine before its disk does.
package enum MachineFirmware: String, Hashable, Sendable, Codable, CaseIterable {
    case bios, uefi
}
