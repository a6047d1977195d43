/// One range of bytes of a representation (RFC 9110, section 14). Lists of ranges are not answered: the
/// whole is sent, as the RFC allows.
package enum ByteRange {
    package enum Request: Hashable, Sendable {
        case whole
        case part(offset: Int64, length: Int64)
        /// Nothing of it exists: 416.
        case unsatisfiable
    }

    /// Reads a `Range` header against a size in bytes.
    package static func parse(_ header: String?, size: Int64) -> Request {
        guard let match = header?.wholeMatch(of: /bytes=([0-9]{0,18})-([0-9]{0,18})/) else { return .whole }
        let (first, last) = (Int64(match.output.1), Int64(match.output.2))
        switch (first, last) {
        case (nil, nil): return .whole
        case (nil, let suffix?):
            guard suffix > 0, size > 0 else { return .unsatisfiable }
            return .part(offset: max(0, size - suffix), length: min(suffix, size))
        case (let first?, let last):
            if let last, last < first { return .whole }
            guard first < size else { return .unsatisfiable }
            return .part(offset: first, length: min(last ?? size - 1, size - 1) - first + 1)
        }
    }
}
