import Glibc
import RucheCore
import RucheHost
import SystemPackage

/// Joins this process's terminal and the console of an instance.
enum ConsoleTerminal {
    /// Ctrl-], as in telnet.
    private static let leave: UInt8 = 0x1d
    /// As the engine names it in the instance's folder.
    private static let socket = "console.sock"

    /// Returns when the person leaves, or the instance ends. One person at a time: others wait.
    static func attach(folder: FilePath) throws {
        let console: LocalSocket
        do { console = try LocalSocket(socket, in: folder, timeout: .seconds(5)) } catch let error as Errno {
            throw RucheError(.engineUnavailable, "the console can't be reached: \(error)", cause: error)
        }
        var before = termios()
        guard tcgetattr(STDIN_FILENO, &before) == 0 else { throw Errno(rawValue: errno) }
        var raw = before
        cfmakeraw(&raw)
        tcsetattr(STDIN_FILENO, TCSANOW, &raw)
        defer { tcsetattr(STDIN_FILENO, TCSANOW, &before) }
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            var waiting = [
                pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0),
                pollfd(fd: console.descriptor, events: Int16(POLLIN), revents: 0),
            ]
            guard poll(&waiting, 2, -1) > 0 else {
                if errno == EINTR { continue }
                throw Errno(rawValue: errno)
            }
            if waiting[1].revents != 0 {
                let bytes = try console.read(limit: 4096)
                if bytes.isEmpty { return }
                StandardStream.write(String(decoding: bytes, as: UTF8.self), to: STDOUT_FILENO)
            }
            guard waiting[0].revents != 0 else { continue }
            let count = read(STDIN_FILENO, &buffer, buffer.count)
            guard count > 0 else { return }
            let typed = Array(buffer[..<count])
            if let end = typed.firstIndex(of: leave) {
                try console.write(Array(typed[..<end]))
                return
            }
            try console.write(typed)
        }
    }
}
