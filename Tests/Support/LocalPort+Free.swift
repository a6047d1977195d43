package import RucheHost

extension LocalPort {
    /// A port of the loopback interface that nobody has now, and another one than `other`, which nobody listens on yet.
    package static func free(besides other: Int) -> Int? {
        (0..<20).lazy.compactMap { _ in free() }.first { $0 != other }
    }
}
