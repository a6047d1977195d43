/// Who may see an environment and fetch its releases.
package enum Visibility: String, CaseIterable, Codable, Sendable {
    /// Whoever may read the things of its owner.
    case `private`
    /// Anybody who reaches the site, without an account.
    case `public`
}
