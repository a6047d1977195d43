package import SystemPackage

extension FileDescriptor {
    /// The bytes of a part of a file, or what is there of it.
    package func bytes(from start: Int64, to end: Int64) throws -> [UInt8] {
        try [UInt8](unsafeUninitializedCapacity: Int(max(0, end - start))) { buffer, count in
            while count < buffer.count {
                let part = UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(buffer)[count...])
                let read = try read(fromAbsoluteOffset: start + Int64(count), into: part)
                if read == 0 { return }
                count += read
            }
        }
    }
}
