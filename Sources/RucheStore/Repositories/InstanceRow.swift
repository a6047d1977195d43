/// A row of the instances table. `document` is the instance as JSON; what is asked for is kept beside it.
package struct InstanceRow: Hashable, Sendable {
    package var id: String
    package var owner: String
    package var name: String
    package var state: String
    package var releaseDigest: String
    /// The blob that its disk lies over.
    package var blob: String?
    package var engine: String
    /// Milliseconds since 1970.
    package var leaseEnd: Int64?
    package var createdAt: Int64
    package var document: String

    package init(
        id: String, owner: String, name: String, state: String, releaseDigest: String, engine: String,
        createdAt: Int64, document: String
    ) {
        self.id = id
        self.owner = owner
        self.name = name
        self.state = state
        self.releaseDigest = releaseDigest
        self.engine = engine
        self.createdAt = createdAt
        self.document = document
    }
}
