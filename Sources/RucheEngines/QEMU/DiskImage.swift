import Foundation
import RucheCore
import RucheHost
import SystemPackage

/// What qemu-img tells of an image's file.
struct DiskImage: Hashable, Sendable {
    var capacity: ByteCount

    private struct Description: Decodable {
        struct Specific: Decodable {
            struct Fields: Decodable {
                var dataFile: String?
                enum CodingKeys: String, CodingKey { case dataFile = "data-file" }
            }
            var data: Fields?
        }
        var virtualSize: Int64
        var backing: String?
        var encrypted: Bool?
        var specific: Specific?

        enum CodingKeys: String, CodingKey {
            case virtualSize = "virtual-size", backing = "backing-filename", encrypted
            case specific = "format-specific"
        }
    }

    /// The image of an instance. Throws `invalid_input` for one that can't be used, and for a disk that is smaller than
    /// the image's.
    static func inspect(for spec: InstanceSpec, _ runner: any CommandRunning) async throws -> DiskImage? {
        guard case .disk(let path, let format) = spec.image else { return nil }
        let found = try await inspect(path, format, runner)
        if let disk = spec.disk, disk < found.capacity {
            throw RucheError(
                .invalidInput, "a disk of \(disk) is too small: the image's has \(found.capacity)",
                problems: [
                    Problem(
                        path: "disk", message: "this is smaller than the image's disk", found: disk.description,
                        allowed: "\(found.capacity) or more")
                ])
        }
        return found
    }

    /// Throws `invalid_input` for an image that reads another file of this machine, or that is encrypted.
    static func inspect(_ path: FilePath, _ format: DiskFormat, _ runner: any CommandRunning) async throws -> DiskImage
    {
        let found: Description
        do {
            let result = try await runner.runChecked(
                Command(Tool.qemuImage.name, ["info", "--output=json", "-U", "-f", format.rawValue, path.string]))
            found = try JSONDecoder().decode(Description.self, from: Data(result.output.utf8))
        } catch let failure as ProcessFailure {
            throw RucheError(.corruptContent, "the image's disk can't be read: \(failure.errorTail)", cause: failure)
        }
        if let file = found.backing ?? found.specific?.data?.dataFile {
            throw RucheError(
                .invalidInput, "the image's disk refers to another file (\(file.prefix(200))): no machine is made of it"
            )
        }
        guard found.encrypted != true else {
            throw RucheError(.invalidInput, "the image's disk is encrypted: no machine is made of it")
        }
        return DiskImage(capacity: ByteCount(found.virtualSize))
    }
}
