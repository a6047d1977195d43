/// What the magic lists of a form stand for at one job.
package struct FormLists: Hashable, Sendable {
    /// Names of the input files.
    package var inputs: [String]
    /// Top-level folders of the databases directory.
    package var databases: [String]
    /// Every file of the databases directory, relative to it.
    package var databaseFiles: [String]

    package init(inputs: [String] = [], databases: [String] = [], databaseFiles: [String] = []) {
        self.inputs = inputs
        self.databases = databases
        self.databaseFiles = databaseFiles
    }

    package subscript(list: MagicList) -> [String] {
        switch list {
        case .inputsFiles, .pirusInputFiles: inputs
        case .genomesRefs, .pirusDBRefs, .pirusDBRef: databases
        case .pirusDBAll: databaseFiles
        }
    }
}
