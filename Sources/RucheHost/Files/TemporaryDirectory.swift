import Glibc
package import SystemPackage

/// A private folder (mode 0700) that goes with everything in it when the body ends.
package enum TemporaryDirectory {
    package static func make(in parent: FilePath, prefix: String = "tmp") throws -> FilePath {
        try FileTree.makeFolder(parent)
        let template = parent.appending("\(prefix).XXXXXX").string
        var bytes = Array(template.utf8CString)
        guard mkdtemp(&bytes) != nil else { throw Errno(rawValue: errno) }
        return bytes.withUnsafeBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return parent }
            return FilePath(String(cString: base))
        }
    }

    package static func with<Result>(
        in parent: FilePath, prefix: String = "tmp", _ body: (FilePath) async throws -> Result
    ) async throws -> Result {
        let path = try make(in: parent, prefix: prefix)
        do {
            let result = try await body(path)
            try FileTree.remove(path)
            return result
        } catch {
            try? FileTree.remove(path)  // the body's error is the one to report
            throw error
        }
    }
}
