import RucheCore

/// What a site says of itself in the records of its catalogue.
package struct RecordConfiguration: Sendable, Hashable {
    /// The number of the authority that names ARKs here.
    package var naan = ARK.testNAAN
    /// `https://HOST`, without a slash at its end: where people find the site. Nil takes what a request came to.
    package var publicURL: String?
    /// Who publishes: the name of the site.
    package var publisher = "Ruche"
    package var adminEmail: String?
    /// Nil where no DOIs are registered.
    package var doi: DOIConfiguration?

    package init() {}
}
