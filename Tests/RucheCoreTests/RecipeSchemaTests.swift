import Foundation
import RucheCore
import Testing

/// Holds the parser, the JSON Schema and the documentation together.
@Suite struct RecipeSchemaTests {
    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    static func text(_ path: String) throws -> String {
        try String(contentsOf: root.appending(path: path), encoding: .utf8)
    }

    /// The object schema of a level: the level's last word is the name of its definition.
    static func object(_ level: String, in schema: JSONValue) throws -> JSONValue {
        let names = ["authors[]": "author", "steps[]": "step"]
        let name = names[level] ?? level.split(separator: ".").last.map(String.init) ?? ""
        let node = try #require(level.isEmpty ? schema : schema["$defs"]?[name])
        let branches = node["properties"] != nil ? [node] : node["oneOf"]?.arrayValue ?? []
        return try #require(branches.first { $0["properties"] != nil })
    }

    @Test(arguments: RecipeKeys.levels.map(\.level))
    func schemaHasTheKeysOfTheParser(level: String) throws {
        let schema = try JSONDecoder().decode(JSONValue.self, from: Data(Self.text("docs/recipe.schema.json").utf8))
        let table = try #require(RecipeKeys.levels.first { $0.level == level })
        let object = try Self.object(level, in: schema)
        let properties = try #require(object["properties"]?.objectValue)
        #expect(Set(properties.keys) == Set(table.keys))
        #expect(Set((object["required"]?.arrayValue ?? []).compactMap(\.stringValue)) == Set(table.required))
        #expect(object["additionalProperties"] == false)
        for (key, property) in properties { #expect(property["description"] != nil, "\(level) \(key)") }
    }

    @Test(arguments: RecipeKeys.levels.map(\.level))
    func documentationHasTheKeysOfTheParser(level: String) throws {
        let table = try #require(RecipeKeys.levels.first { $0.level == level })
        let word =
            level.isEmpty ? "Top level" : "`\(level.split(separator: ".").last?.replacing("[]", with: "") ?? "")`"
        let sections = try Self.text("docs/recipe.md").split(separator: #/\n##+ /#)
        let section = try #require(sections.first { $0.hasPrefix(word) })
        if level == "steps[]" {
            for key in table.keys { #expect(section.contains("`\(key)`")) }
            return
        }
        let rows = section.matches(of: /\n\| `([a-z_]+)` \| (required)?/)
        #expect(Set(rows.map { String($0.output.1) }) == Set(table.keys))
        #expect(Set(rows.filter { $0.output.2 != nil }.map { String($0.output.1) }) == Set(table.required))
    }

    @Test func documentationHasTheKeysOfAForm() throws {
        let section = try #require(Self.text("docs/recipe.md").split(separator: #/\n## The form/#).last)
        for key in FormKeys.field.keys { #expect(section.contains("`\(key)`")) }
        for list in MagicList.allCases { #expect(section.contains("`\(list.rawValue)`")) }
    }

    @Test func schemaHasTheWordsOfTheParser() throws {
        let schema = try JSONDecoder().decode(JSONValue.self, from: Data(Self.text("docs/recipe.schema.json").utf8))
        func words(_ key: String) -> [String] {
            schema["properties"]?[key]?["items"]?["enum"]?.arrayValue?.compactMap(\.stringValue) ?? []
        }
        #expect(words("architectures") == RecipeKeys.architectures)
        #expect(words("variants") == VariantFormat.allCases.map(\.rawValue))
        let capabilities = schema["$defs"]?["service"]?["properties"]?["capabilities"]?["items"]?["enum"]
        #expect(
            capabilities?.arrayValue?.compactMap(\.stringValue) == ServiceCapability.allCases.map(\.rawValue))
    }

    @Test func examplesAreRight() throws {
        let (recipe, problems) = try RecipeParser.parse(Self.text("examples/variant-calling/ruche.yaml"), file: "r")
        #expect(problems == [])
        #expect(recipe?.name.description == "lab/variant-calling")
        let (form, found) = try Form.parse(Self.text("examples/variant-calling/form.json"), file: "f")
        #expect(found == [])
        #expect(form?.fields.map(\.key) == ["genome", "ploidy", "min_base_quality", "caller"])
    }

    @Test func recipesOfTheDocumentationAreRight() throws {
        let blocks = try Self.text("docs/recipe.md").matches(of: /```yaml\n(ruche: 1\n(?s:.*?))```/)
        #expect(!blocks.isEmpty)
        for block in blocks { #expect(RecipeParser.parse(String(block.output.1), file: "r").problems == []) }
    }

    /// Debian's python3-jsonschema and python3-yaml are the judge, where they are installed.
    @Test(.enabled(if: SchemaJudge.isInstalled))
    func schemaAcceptsWhatTheParserAccepts() throws {
        #expect(try SchemaJudge.accepts(Self.text("examples/variant-calling/ruche.yaml")))
        #expect(try SchemaJudge.accepts(RecipeParserTests.full))
        for (text, _, _, path, words) in RecipeProblemTests.table
        where words.contains("did you mean") || words == "missing" {
            #expect(try !SchemaJudge.accepts(recipe(text + "\n")), "\(path)")
        }
    }
}

enum SchemaJudge {
    static let isInstalled = (try? run("import jsonschema, yaml; jsonschema.Draft202012Validator", "")) == 0

    static func accepts(_ recipe: String) throws -> Bool {
        let schema = RecipeSchemaTests.root.appending(path: "docs/recipe.schema.json").path()
        return try run(
            """
            import json, jsonschema, sys, yaml
            schema = json.load(open("\(schema)"))
            sys.exit(0 if jsonschema.Draft202012Validator(schema).is_valid(yaml.safe_load(sys.stdin)) else 3)
            """, recipe) == 0
    }

    private static func run(_ script: String, _ input: String) throws -> Int32 {
        let process = Process()
        let pipe = Pipe()
        process.executableURL = URL(filePath: "/usr/bin/python3")
        process.arguments = ["-c", script]
        process.standardInput = pipe
        process.standardError = FileHandle.nullDevice
        try process.run()
        try pipe.fileHandleForWriting.write(contentsOf: Data(input.utf8))
        try pipe.fileHandleForWriting.close()
        process.waitUntilExit()
        return process.terminationStatus
    }
}
