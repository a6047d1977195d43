/// An ORCID identifier of a person: sixteen digits in four groups, the last a checksum (it may be `X`).
package enum ORCID {
    static let rule = "an ORCID, such as 0000-0002-1825-0097"

    /// Whether the groups are right and the checksum holds (ISO 7064 MOD 11-2).
    package static func isValid(_ text: String) -> Bool {
        guard text.wholeMatch(of: /[0-9]{4}-[0-9]{4}-[0-9]{4}-[0-9]{3}[0-9X]/) != nil else { return false }
        let characters = text.utf8.filter { $0 != UInt8(ascii: "-") }
        let total = characters.dropLast().reduce(0) { ($0 + Int($1 - UInt8(ascii: "0"))) * 2 }
        let check = (12 - total % 11) % 11
        return characters.last == (check == 10 ? UInt8(ascii: "X") : UInt8(ascii: "0") + UInt8(check))
    }
}
