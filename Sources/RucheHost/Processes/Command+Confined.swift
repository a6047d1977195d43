import Glibc
package import RucheCore
package import SystemPackage

extension Command {
    /// What a program may use that parses what strangers made.
    package struct Confinement: Sendable {
        /// Bytes of address space.
        package var memory = ByteCount(4 << 30)
        /// Seconds of a processor.
        package var seconds = 6 * 3600
        /// Bytes of the largest file it writes.
        package var fileSize: ByteCount

        package init(fileSize: ByteCount) { self.fileSize = fileSize }
    }

    /// Whom a confined program runs as, where this process may choose: Debian's `nobody` and `nogroup`.
    package static let nobody: UInt32 = 65534

    /// The program in `folder`, with bounds, and as nobody where this process is root. It gets at the files of that
    /// folder only by names relative to it; both have to be given to nobody with `giveToNobody`.
    package func confined(in folder: FilePath, _ confinement: Confinement) throws -> Command {
        guard let path = Tool.find(executable) else { throw Tool.missing(executable) }
        var words = [
            "--as=\(confinement.memory.bytes)", "--cpu=\(confinement.seconds)",
            "--fsize=\(confinement.fileSize.bytes)", "--core=0",
        ]
        if geteuid() == 0 {
            words += [
                "setpriv", "--reuid=\(Self.nobody)", "--regid=\(Self.nobody)", "--clear-groups", "--no-new-privs",
            ]
        }
        var command = self
        command.executable = "prlimit"
        command.arguments = words + [path] + arguments
        command.workingDirectory = folder
        return command
    }

    /// Makes nobody the owner of a file or folder where confined programs run as nobody.
    package static func giveToNobody(_ path: FilePath) throws {
        guard geteuid() == 0 else { return }
        guard lchown(path.string, nobody, nobody) == 0 else { throw Errno(rawValue: errno) }
    }

    /// Takes back what was given, or made by nobody.
    package static func takeFromNobody(_ path: FilePath) throws {
        guard geteuid() == 0 else { return }
        guard lchown(path.string, 0, 0) == 0 else { throw Errno(rawValue: errno) }
    }
}
