package import RucheStore

/// A number that is another after every change of what the catalogue has, says or shows, downloads aside: it changes in
/// the transaction of the change. What was made under one is good as long as it is the same, for who asks with the same
/// rights.
package struct CatalogueRevision: Hashable, Sendable {
    private let number: Int64

    package init(_ connection: any SQLConnection) throws { number = try SearchRepository(connection).revision() }
}
