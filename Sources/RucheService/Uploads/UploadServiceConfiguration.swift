package import RucheImages
package import RucheStore
package import SystemPackage

/// What the service of uploads works with.
package struct UploadServiceConfiguration: Sendable {
    /// Where the bytes are until they are whole; on the file system of the content store.
    package var folder: FilePath
    package var database: any SQLDatabase
    package var events: DatabaseEventLog
    package var files: FileService
    package var content: any ContentStore
    package var lease: @Sendable () throws -> ContentLease
    /// Milliseconds after the last byte that an upload is kept.
    package var lifetime: Int64 = 24 * 3600 * 1000
    /// Milliseconds that it is known afterwards that an upload ended.
    package var memory: Int64 = 7 * 24 * 3600 * 1000
    /// A writer that got no byte for so long may be put out by another.
    package var patience = Duration.seconds(5)
    /// Between two events of progress of one upload.
    package var eventInterval = Duration.seconds(1)
    package var now: @Sendable () -> Int64 = SystemTime.milliseconds

    package init(
        folder: FilePath, database: any SQLDatabase, events: DatabaseEventLog, files: FileService,
        content: any ContentStore, lease: @escaping @Sendable () throws -> ContentLease
    ) {
        self.folder = folder
        self.database = database
        self.events = events
        self.files = files
        self.content = content
        self.lease = lease
    }

    /// Bytes of one upload.
    package var limit: Int64 { files.limit }
}
