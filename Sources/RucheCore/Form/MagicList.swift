/// Choices that are known only where the job runs, by the names that forms write in place of a list.
package enum MagicList: String, Hashable, Sendable, Codable, CaseIterable {
    /// The job's input files; the second is the older spelling.
    case inputsFiles = "__INPUTS_FILES__"
    case pirusInputFiles = "__PIRUS_INPUT_FILES__"
    /// The references installed in the databases directory: its top-level folders.
    case genomesRefs = "__GENOMES_REFS__"
    case pirusDBRefs = "__PIRUS_DB_REFS__"
    case pirusDBRef = "__PIRUS_DB_REF__"
    /// Every file of the databases directory, relative to it.
    case pirusDBAll = "__PIRUS_DB_ALL__"

    /// What the list holds, for a message.
    package var summary: String {
        switch self {
        case .inputsFiles, .pirusInputFiles: "the input files"
        case .genomesRefs, .pirusDBRefs, .pirusDBRef: "the installed references"
        case .pirusDBAll: "the files of the databases directory"
        }
    }
}
