import SystemPackage

extension Services {
    /// Reference databases of the data directory.
    package var databases: ReferenceDatabaseService {
        ReferenceDatabaseService(
            data: notifyFolder.removingLastComponent().removingLastComponent(), database: files.database,
            events: events, operations: operations)
    }
}
