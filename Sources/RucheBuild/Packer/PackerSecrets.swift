import Glibc
import RucheCore
import RucheHost
import RucheImages
import SystemPackage

/// Values of variables that only the operator of the builder knows: a file (JSON) of names of environments, each with
/// names and values.
struct PackerSecrets {
    private static let limit = 1 << 20
    private let file: FilePath?

    init(_ file: FilePath?) { self.file = file }

    /// Throws `not_found` for a name that the environment has no value of, `not_permitted` when others may read the file.
    func values(of names: [String], for environment: EnvironmentName) throws -> [String: String] {
        guard !names.isEmpty else { return [:] }
        guard let file else {
            throw RucheError(
                .notFound,
                "the recipe wants the secret \"\(names[0])\", and packer_secrets in the configuration names no file that has it"
            )
        }
        let all = try read(file)
        let own = all[environment.description]?.objectValue ?? [:]
        var values: [String: String] = [:]
        for name in names {
            guard let value = own[name]?.stringValue else {
                throw RucheError(
                    .notFound,
                    "\(file) has no secret \"\(name)\" for \(environment): write {\"\(environment)\": {\"\(name)\": …}}"
                )
            }
            values[name] = value
        }
        return values
    }

    private func read(_ path: FilePath) throws -> JSONValue {
        do {
            let file = try FileDescriptor.open(path, .readOnly, options: [.closeOnExec])
            let bytes = try file.closeAfter {
                var status = stat()
                guard fstat(file.rawValue, &status) == 0 else { throw Errno(rawValue: errno) }
                guard status.st_mode & S_IFMT == S_IFREG, status.st_mode & 0o077 == 0 else {
                    throw RucheError(
                        .notPermitted,
                        "others may read the secrets in \(path): make it yours alone with \"chmod 600 \(path)\"")
                }
                return try file.bytes(from: 0, to: Int64(Self.limit))
            }
            return try CanonicalJSON.decode(JSONValue.self, bytes, path.string)
        } catch let error as Errno {
            throw RucheError(.notFound, "the secrets in \(path) (packer_secrets) can't be read: \(error)", cause: error)
        }
    }
}
