import RucheHost
package import SystemPackage

/// A disk with the smallest guest there is: a boot sector that writes a line to the serial port and then waits for
/// ever, or switches the machine off.
package enum TinyGuest {
    package static let greeting = "tiny guest is up\r\n"

    package static func write(_ path: FilePath, switchesOff: Bool = false, saysMore: String = "") throws {
        let end: [UInt8] =
            switchesOff
            ? [0xBA, 0x04, 0x06, 0xB8, 0x00, 0x20, 0xEF]  // mov dx, 0x604; mov ax, 0x2000; out dx, ax
            : []
        let wait: [UInt8] = [0xF4, 0xEB, 0xFD]  // hlt; jmp back
        let text = UInt8(19 + end.count + wait.count)
        let start: [UInt8] = [
            0x31, 0xC0, 0x8E, 0xD8, 0xFC,  // xor ax, ax; mov ds, ax; cld
            0xBA, 0xF8, 0x03, 0xBE, text, 0x7C,  // mov dx, 0x3f8; mov si, text
            0xAC, 0x84, 0xC0, 0x74, 0x03, 0xEE, 0xEB, 0xF8,  // lodsb; test al, al; jz out; out dx, al; jmp back
        ]
        var sector = start + end + wait + Array((greeting + saysMore).utf8)
        sector += [UInt8](repeating: 0, count: 510 - sector.count) + [0x55, 0xAA]
        try AtomicFile.write(sector + [UInt8](repeating: 0, count: (1 << 20) - 512), to: path)
    }
}
