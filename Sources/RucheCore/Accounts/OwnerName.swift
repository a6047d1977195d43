/// A person or an organisation: the first part of `owner/name`, and the unit of permission.
package struct OwnerName: Hashable, Sendable, Comparable, CustomStringConvertible {
    package let description: String

    /// The owner of what is made over the private socket: whoever the data directory belongs to.
    package static let local = OwnerName(known: "local")

    /// Names that mean something else to a reader of logs and messages, so that no account may have them.
    private static let taken: Set<String> = ["anonymous", "job", "local", "nobody", "site"]

    /// Nil for what can't be the owner of an environment (`EnvironmentName`).
    package init?(_ text: some StringProtocol) {
        guard EnvironmentName.isComponent(text), !EnvironmentName.reservedOwners.contains(String(text)) else {
            return nil
        }
        description = String(text)
    }

    private init(known: String) { description = known }

    /// Whether an account may be made under this name.
    package var isFree: Bool { !Self.taken.contains(description) }

    package static func < (left: Self, right: Self) -> Bool { left.description < right.description }
}

extension OwnerName: Codable {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let value = Self(text) else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "this is no name of an owner: lower case, digits and single . _ - only"
            )
        }
        self = value
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

extension EnvironmentName {
    /// The owner whose members have rights to releases of this environment.
    package var ownerName: OwnerName { OwnerName(owner) ?? .local }
}
