/// Writes tar headers (POSIX.1-2001 pax over ustar), numeric owners only, so that equal entries are equal bytes.
///
/// A pax record is written only for what the ustar header can't hold: long or large values and extended
/// attributes (`SCHILY.xattr.*`, as GNU tar, libarchive and container tools read them).
package enum TarEncoder {
    package static let blockSize = 512
    /// The end of an archive.
    package static let end = [UInt8](repeating: 0, count: 2 * blockSize)

    /// Bytes of zeros after `size` bytes of content.
    package static func padding(after size: Int64) -> Int { Int((512 - size % 512) % 512) }

    /// The header blocks of one entry; its content and padding follow.
    package static func header(_ entry: ArchiveEntry) -> [UInt8] {
        var path = entry.path
        if entry.kind == .folder, path.last != 47 { path.append(47) }
        let split = splitPath(path)
        let records = paxRecords(entry, longPath: split == nil ? path : nil)
        var result: [UInt8] = []
        if !records.isEmpty {
            var pax = ArchiveEntry(path: paxName(path), kind: .regular, permissions: 0o644)
            pax.size = Int64(records.count)
            pax.modified = entry.modified
            result += block(pax, name: pax.path[...], prefix: [], type: 120)
            result += records
            result += [UInt8](repeating: 0, count: padding(after: pax.size))
        }
        result += block(
            entry, name: split?.name ?? path.prefix(100), prefix: split?.prefix ?? [], type: type(of: entry.kind))
        return result
    }

    private static func type(of kind: ArchiveEntry.Kind) -> UInt8 {
        switch kind {
        case .regular, .socket: 48
        case .hardLink: 49
        case .symbolicLink: 50
        case .characterDevice: 51
        case .blockDevice: 52
        case .folder: 53
        case .fifo: 54
        }
    }

    /// The ustar name and prefix of a path, or nil when it does not fit.
    private static func splitPath(_ path: [UInt8]) -> (name: ArraySlice<UInt8>, prefix: ArraySlice<UInt8>)? {
        if path.count <= 100 { return (path[...], []) }
        guard path.count <= 256 else { return nil }
        // The slash between the two is not stored; the name must not be empty.
        for index in max(path.count - 101, 1)...min(155, path.count - 2) where path[index] == 47 {
            return (path[(index + 1)...], path[..<index])
        }
        return nil
    }

    private static func paxName(_ path: [UInt8]) -> [UInt8] {
        let trimmed = path.last == 47 ? path.dropLast() : path[...]
        let base = trimmed.lastIndex(of: 47).map { trimmed[($0 + 1)...] } ?? trimmed
        return Array("PaxHeaders/".utf8) + base.prefix(80)
    }

    private static func paxRecords(_ entry: ArchiveEntry, longPath: [UInt8]?) -> [UInt8] {
        var records: [UInt8] = []
        let longLink = entry.link.count > 100 ? entry.link : nil
        if [longPath, longLink].contains(where: { $0.map { String(validating: $0, as: UTF8.self) == nil } ?? false }) {
            append("hdrcharset", Array("BINARY".utf8), to: &records)
        }
        if let longPath { append("path", longPath, to: &records) }
        if let longLink { append("linkpath", longLink, to: &records) }
        if entry.size > maximum(digits: 11) { append("size", Array("\(entry.size)".utf8), to: &records) }
        if Int64(entry.uid) > maximum(digits: 7) { append("uid", Array("\(entry.uid)".utf8), to: &records) }
        if Int64(entry.gid) > maximum(digits: 7) { append("gid", Array("\(entry.gid)".utf8), to: &records) }
        if entry.modified < 0 || entry.modified > maximum(digits: 11) {
            append("mtime", Array("\(entry.modified)".utf8), to: &records)
        }
        for attribute in entry.attributes.sorted(by: { $0.name.lexicographicallyPrecedes($1.name) }) {
            append(Array("SCHILY.xattr.".utf8) + attribute.name, attribute.value, to: &records)
        }
        return records
    }

    private static func append(_ key: String, _ value: [UInt8], to records: inout [UInt8]) {
        append(Array(key.utf8), value, to: &records)
    }

    /// `LENGTH KEY=VALUE\n`, where LENGTH counts its own digits.
    private static func append(_ key: [UInt8], _ value: [UInt8], to records: inout [UInt8]) {
        let rest = key.count + value.count + 3
        var length = rest + String(rest).utf8.count
        if String(length).utf8.count != String(rest).utf8.count { length = rest + String(length).utf8.count }
        records += Array("\(length) ".utf8) + key + [61] + value + [10]
    }

    private static func maximum(digits: Int) -> Int64 { (1 << (3 * Int64(digits))) - 1 }

    private static func block(
        _ entry: ArchiveEntry, name: ArraySlice<UInt8>, prefix: ArraySlice<UInt8>, type: UInt8
    ) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: blockSize) { buffer, count in
            let block = UnsafeMutableRawBufferPointer(buffer)
            buffer.initialize(repeating: 0)
            count = blockSize
            copy(name, to: block, at: 0)
            octal(Int64(entry.permissions & 0o7777), to: block, at: 100, digits: 7)
            octal(Int64(entry.uid), to: block, at: 108, digits: 7)
            octal(Int64(entry.gid), to: block, at: 116, digits: 7)
            octal(entry.kind == .regular ? entry.size : 0, to: block, at: 124, digits: 11)
            octal(entry.modified, to: block, at: 136, digits: 11)
            block[156] = type
            copy(entry.link.prefix(100), to: block, at: 157)
            copy(magic[...], to: block, at: 257)
            octal(Int64(entry.deviceMajor), to: block, at: 329, digits: 7)
            octal(Int64(entry.deviceMinor), to: block, at: 337, digits: 7)
            copy(prefix, to: block, at: 345)
            octal(checksum(block), to: block, at: 148, digits: 6)
            block[155] = 32
        }
    }

    private static let magic = Array("ustar\u{0}00".utf8)

    private static func copy(_ bytes: ArraySlice<UInt8>, to block: UnsafeMutableRawBufferPointer, at offset: Int) {
        bytes.withUnsafeBytes { source in
            UnsafeMutableRawBufferPointer(rebasing: block[offset...]).copyMemory(from: source)
        }
    }

    /// What does not fit is written as the largest value that does; a pax record has the true one.
    private static func octal(_ value: Int64, to block: UnsafeMutableRawBufferPointer, at offset: Int, digits: Int) {
        var rest = min(max(value, 0), maximum(digits: digits))
        var index = offset + digits - 1
        while index >= offset {
            block[index] = 48 + UInt8(truncatingIfNeeded: rest & 7)
            rest >>= 3
            index -= 1
        }
    }

    /// The sum of all bytes with the checksum field as spaces. Most of a header is zeros, skipped by words.
    private static func checksum(_ block: UnsafeMutableRawBufferPointer) -> Int64 {
        var sum: Int64 = 8 * 32
        for offset in stride(from: 0, to: blockSize, by: 8) {
            var word = block.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
            while word != 0 {
                sum += Int64(word & 255)
                word >>= 8
            }
        }
        return sum
    }
}
