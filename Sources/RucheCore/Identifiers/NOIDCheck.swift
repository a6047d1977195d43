/// The check character of NOID: it tells one wrong character, and two that changed places (noid(1), "NOID CHECK DIGIT
/// ALGORITHM").
package enum NOIDCheck {
    /// Digits and consonants: nothing that is taken for another, and no words.
    package static let alphabet = Array("0123456789bcdfghjkmnpqrstvwxz")

    /// The character for `NAAN/NAME`, whose name has none yet. Characters outside the alphabet count nothing.
    package static func character(for text: some StringProtocol) -> Character {
        var sum = 0
        for (index, character) in text.enumerated() {
            sum += (index + 1) * (alphabet.firstIndex(of: character) ?? 0)
        }
        return alphabet[sum % alphabet.count]
    }
}
