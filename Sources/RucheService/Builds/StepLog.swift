import Foundation
import RucheHost
import Synchronization
package import SystemPackage

/// The log of a build: one JSON value a line, `{step, stream, text}`, in `log.jsonl` of its operation.
///
/// Lines are not synced: the log tells people what happened, and nothing is decided by it.
package final class StepLog: Sendable {
    package struct Line: Hashable, Sendable, Codable {
        package var step: Int
        package var stream: String
        package var text: String
    }

    private let file: Mutex<FileDescriptor>

    package init(_ path: FilePath) throws {
        try FileTree.makeFolder(path.removingLastComponent(), permissions: 0o700)
        file = Mutex(
            try FileDescriptor.open(
                path, .writeOnly, options: [.create, .append, .closeOnExec], permissions: [.ownerReadWrite]))
    }

    deinit { file.withLock { try? $0.close() } }  // nothing is buffered; there is nobody to tell

    package func append(step: Int, stream: String, text: String) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let line = try encoder.encode(Line(step: step, stream: stream, text: text))
        try file.withLock { _ = try $0.writeAll(line + [10]) }
    }
}
