import RucheCore
import RucheImages
import RucheService

/// How to cite a record.
struct Citation {
    let view: RecordView

    /// One line, in the style of DataCite: creators (year): title. Version. Publisher. Type. Identifier.
    var text: String {
        let names = view.creators.map(\.name).joined(separator: "; ")
        return "\(names) (\(view.year)): \(view.title). \(view.site.publisher). [Software]. \(view.citedAs)"
    }

    var csl: JSONValue {
        let record = view.record
        var object: [String: JSONValue] = [
            "id": .string(key), "type": "software", "title": .string(view.title),
            "author": .array(view.creators.map { ["literal": .string($0.name)] }),
            "issued": [
                "date-parts": [.array(view.date.split(separator: "-").compactMap { Int64($0) }.map { .integer($0) })]
            ],
            "publisher": .string(view.site.publisher), "URL": .string(view.citedAs),
            "abstract": .string(view.summary),
        ]
        object["version"] = record.version.map { .string($0.description) }
        object["DOI"] = record.doi.map { .string($0) }
        object["license"] = record.license.map { .string($0) }
        return [.object(object)]
    }

    var bibtex: String {
        var fields: [(String, String)] = [
            ("author", view.creators.map { "{\(Self.escaped($0.name))}" }.joined(separator: " and ")),
            ("title", "{\(Self.escaped(view.title))}"), ("year", view.year),
            ("month", String(view.date.dropFirst(5).prefix(2))), ("publisher", Self.escaped(view.site.publisher)),
            ("url", Self.address(view.citedAs)), ("note", Self.escaped(view.summary)),
        ]
        if let version = view.record.version { fields.append(("version", Self.escaped("\(version)"))) }
        if let doi = view.record.doi { fields.append(("doi", Self.address(doi))) }
        let lines = fields.map { "  \($0.0) = {\($0.1)}" }.joined(separator: ",\n")
        return "@software{\(key),\n\(lines)\n}\n"
    }

    private var key: String {
        view.title.map { $0.isASCII && ($0.isLetter || $0.isNumber) ? String($0) : "_" }.joined()
    }

    /// Text in braces: what TeX gives a meaning to is spelled out. BibTeX counts braces, also those with a backslash.
    private static func escaped(_ text: String) -> String {
        text.reduce(into: "") { result, character in
            switch character {
            case "\\": result += "\\textbackslash{}"
            case "{": result += "\\textbraceleft{}"
            case "}": result += "\\textbraceright{}"
            case "~": result += "\\textasciitilde{}"
            case "^": result += "\\textasciicircum{}"
            case "#", "$", "%", "&", "_": result += "\\\(character)"
            default: result += character.isNewline || character == "\0" ? " " : String(character)
            }
        }
    }

    private static func address(_ text: String) -> String {
        text.replacing("{", with: "%7B").replacing("}", with: "%7D").replacing("\\", with: "%5C")
    }
}
