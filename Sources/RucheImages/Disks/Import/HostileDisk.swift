import Foundation
import RucheCore
import RucheHost
import SystemPackage

/// qemu-img on an image in one folder that a stranger made: confined. The format is always said, and no other file is
/// opened than the one that is named.
struct HostileDisk: Sendable {
    typealias Progress = @Sendable (_ done: Double) -> Void

    let runner: any CommandRunning
    let folder: FilePath

    /// What `qemu-img info` says.
    struct Info: Decodable {
        struct Specific: Decodable {
            struct Values: Decodable {
                var corrupt: Bool?
                var dataFile: String?

                enum CodingKeys: String, CodingKey {
                    case corrupt
                    case dataFile = "data-file"
                }
            }
            var data: Values?
        }
        var capacity: Int64
        var encrypted: Bool?
        var backing: String?
        var specific: Specific?

        enum CodingKeys: String, CodingKey {
            case capacity = "virtual-size"
            case encrypted
            case backing = "backing-filename"
            case specific = "format-specific"
        }
    }

    func info(_ name: String, _ format: DiskFormat) async throws -> Info {
        let command = Command(Tool.qemuImage.name, ["info", "--output=json", try Self.image(name, format)])
        let result = try await hostile(command, fileSize: ByteCount(0), "read as \(format.rawValue)")
        do { return try JSONDecoder().decode(Info.self, from: Data(result.output.utf8)) } catch {
            throw RucheError(.corruptContent, "the image can't be read as \(format.rawValue)", cause: error)
        }
    }

    /// Throws `corrupt_content` for an image whose tables contradict each other; formats without such tables pass.
    func check(_ name: String, _ format: DiskFormat) async throws {
        let command = Command(Tool.qemuImage.name, ["check", try Self.image(name, format)])
        let confinement = Command.Confinement(fileSize: ByteCount(0))
        let result = try await runner.run(try command.confined(in: folder, confinement), onLine: nil)
        // qemu-img(1): 3 is room that nothing uses, 63 a format without checks.
        guard case .exited(let code) = result.status, [0, 3, 63].contains(code) else {
            let text = result.errorTail + " " + result.output
            throw RucheError(
                .corruptContent, "the \(format.rawValue) image is damaged or was cut off: \(Self.words(text))")
        }
    }

    /// Writes the disk as a raw file.
    func unpack(
        _ name: String, _ format: DiskFormat, to target: String, capacity: Int64, _ progress: @escaping Progress
    ) async throws {
        let command = Command(
            Tool.qemuImage.name, ["convert", "-p", "-O", "raw", try Self.image(name, format), target])
        try await hostile(
            command, fileSize: ByteCount(capacity + 1 << 20), "read as \(format.rawValue)", Self.percent(progress))
    }

    @discardableResult
    private func hostile(
        _ command: Command, fileSize: ByteCount, _ what: String, _ onLine: (@Sendable (OutputLine) -> Void)? = nil
    ) async throws -> CommandResult {
        var confined = try command.confined(in: folder, Command.Confinement(fileSize: fileSize))
        confined.returnsEndLines = true
        do { return try await runner.runChecked(confined, onLine: onLine) } catch let error as ProcessFailure {
            if let full = Self.full(error.errorTail) { throw full }
            guard case .exited = error.status else {
                throw RucheError(.corruptContent, "the image can't be \(what): qemu-img went beyond its bounds")
            }
            throw RucheError(
                .corruptContent, "the image can't be \(what): \(Self.words(error.errorTail))", cause: error)
        }
    }

    private static func full(_ text: String) -> RucheError? {
        guard text.contains("No space left on device") else { return nil }
        return RucheError(.diskFull, "the disk is full: the image needs more room than is left")
    }

    /// The driver, no backing file whatever the image says, and one file.
    private static func image(_ name: String, _ format: DiskFormat) throws -> String {
        let value: JSONValue = [
            "driver": .string(format.rawValue), "backing": .null,
            "file": ["driver": "file", "filename": .string(name)],
        ]
        return "json:" + String(decoding: try CanonicalJSON.encode(value), as: UTF8.self)
    }

    private static func percent(_ progress: @escaping Progress) -> @Sendable (OutputLine) -> Void {
        { line in
            if let part = DiskConverter.percents(line.text).last { progress(part) }
        }
    }

    /// The first lines of what it said, without our own way of naming files.
    private static func words(_ text: String) -> String {
        let lines = text.split(whereSeparator: \.isNewline).prefix(3).map { line in
            line.replacing(/json:\{.*?\}\}/, with: "image").replacing("qemu-img: ", with: "")
        }
        return lines.isEmpty ? "it says no more" : String(lines.joined(separator: "; ").prefix(400))
    }
}
