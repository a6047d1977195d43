import RucheCore
import RucheHost
import SystemPackage

/// The release that a packing builds and removes again, noted in the workbench meanwhile: one that a killed command left
/// in the catalogue is known for what it is.
struct PackedRelease: Sendable {
    private let note: FilePath

    init(_ workbench: String, _ context: CommandContext) {
        note = context.settings.data.appending("workbenches").appending(workbench).appending("packed-release")
    }

    func begin(_ release: String) throws { try AtomicFile.write(Array(release.utf8), to: note) }

    /// Whether it was left behind.
    func isLeft(_ release: String) -> Bool {
        guard let text = try? AtomicFile.read(note, limit: 4096) else { return false }  // nothing was left
        return text == Array(release.utf8)
    }

    /// It is removed, or somebody wants it now.
    func end() throws { try FileTree.remove(note) }
}
