/// Figures of the whole site.
package struct SiteFigures: Sendable {
    package var counts: EventCounts.Counts
    /// Jobs that are recorded, by state; every state is there.
    package var jobs: [String: Int64]
    /// Sequence number of the newest event.
    package var newestEvent: Int64
    package var databaseBytes: Int64
    /// Bytes of all blobs; a few minutes old.
    package var contentBytes: Int64
    package var engines: [String: Bool]
}
