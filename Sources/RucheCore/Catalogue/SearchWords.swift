import Foundation

/// The words of a text, as they are searched: runs of letters and digits, in lower case and without accents.
package enum SearchWords {
    private static let longest = 64

    package static func split(_ text: String) -> [String] {
        var words: [String] = []
        var word = String.UnicodeScalarView()
        func end() {
            if !word.isEmpty { words.append(String(word)) }
            word = String.UnicodeScalarView()
        }
        for scalar in text.lowercased().decomposedStringWithCanonicalMapping.unicodeScalars {
            let properties = scalar.properties
            switch properties.generalCategory {
            case .nonspacingMark: continue
            case .decimalNumber, .letterNumber, .otherNumber, .lowercaseLetter, .uppercaseLetter, .titlecaseLetter,
                .modifierLetter, .otherLetter:
                if word.count < longest { word.append(scalar) }
            default: end()
            }
        }
        end()
        return words
    }

    /// As one text, each word once.
    package static func joined(_ texts: [String?]) -> String {
        var seen: Set<String> = []
        return texts.compactMap(\.self).flatMap(split).filter { seen.insert($0).inserted }.joined(separator: " ")
    }
}
