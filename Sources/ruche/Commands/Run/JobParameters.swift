import Foundation
import RucheClient
import RucheCore
import RucheHost
import SystemPackage

/// The values of a form as `--set` and `--config` give them.
struct JobParameters: Sendable {
    /// `key=value` pairs in order; a later one wins.
    var pairs: [(key: String, text: String)]

    /// Throws `invalid_input` for text without `=`, or with nothing before it.
    init(_ settings: [String]) throws {
        pairs = try settings.map { setting in
            guard let equals = setting.firstIndex(of: "="), equals != setting.startIndex else {
                throw RucheError(.invalidInput, "\"\(setting)\" sets nothing: write --set key=value")
            }
            return (String(setting[..<equals]), String(setting[setting.index(after: equals)...]))
        }
    }

    /// Values of a file, then those of the pairs as `typed` reads them.
    func values(
        file: FilePath?, typed: (_ text: String, _ key: String) -> JSONValue
    ) throws -> [String: JSONValue] {
        var values = try file.map { try Self.read($0) } ?? [:]
        for pair in pairs { values[pair.key] = typed(pair.text, pair.key) }
        return values
    }

    /// A JSON object of values, or a config.json of an earlier job, whose `parameters` are taken.
    static func read(_ path: FilePath) throws -> [String: JSONValue] {
        let bytes: [UInt8]
        do { bytes = try AtomicFile.read(path, limit: 16 << 20) } catch let error as Errno {
            let code: ErrorCode = error == .noSuchFileOrDirectory ? .notFound : .invalidInput
            throw RucheError(code, "can't read the parameters \(path): \(error)", cause: error)
        }
        guard let document = try? JSON.decode(JSONValue.self, from: bytes), let object = document.objectValue else {
            throw RucheError(.invalidInput, "\(path) is not a JSON object of parameters")
        }
        guard object["job"]?.objectValue != nil, let parameters = object["parameters"]?.objectValue else {
            return object
        }
        return parameters
    }
}
