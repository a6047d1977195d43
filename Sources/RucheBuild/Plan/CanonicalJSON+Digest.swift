import Foundation
import RucheCore
import RucheImages

import struct Crypto.SHA256

extension CanonicalJSON {
    static func text(_ value: some Encodable) throws -> String {
        String(decoding: try encode(value), as: UTF8.self)
    }

    static func digest(_ value: some Encodable) throws -> Digest {
        Digest(bytes: SHA256.hash(data: try encode(value)))
    }
}
