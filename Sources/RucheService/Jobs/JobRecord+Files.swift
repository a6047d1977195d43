import RucheCore
import RucheStore

extension JobRecord {
    /// The outputs of a job that is over, as files of the site. Their content stays where the job wrote it.
    func outputFiles() -> [FileRow] {
        guard state.isFinal, let ended = endedAt else { return [] }
        var generator = SystemRandomNumberGenerator()
        return outputs.map { output in
            let name = String(output.path.split(separator: "/").last ?? "output")
            let file = Identifier(milliseconds: UInt64(max(0, ended)), using: &generator)
            var row = FileRow(
                id: file.description, owner: ownerName.description, name: name, size: output.size,
                digest: output.digest.description, type: FileMediaType.of(name), createdAt: ended)
            row.origin = FileRow.output
            row.job = id.description
            row.path = output.path
            return row
        }
    }
}
