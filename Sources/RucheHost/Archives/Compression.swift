/// How a file is compressed. Only what the C library does inside this process: a filter that runs a program
/// is not offered to input from outside.
package enum Compression: String, Hashable, Sendable, CaseIterable {
    case none, gzip, bzip2, xz, zstd
}
