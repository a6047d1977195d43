import RucheCore
import Testing

@Suite struct FormTests {
    static let text = """
        {"$schema": "http://json-schema.org/draft-03/schema#", "type": "object", "properties": {
          "zeta": {"type": "integer", "minimum": 1, "maximum": 8, "default": 2, "title": "Z", "description": "d\\u00e9"},
          "alpha": {"type": "number", "minimum": 0.5},
          "name": {"type": "string", "required": true},
          "caller": {"enum": ["multi", "cons"], "default": 1, "advanced_user": true},
          "fast": {"type": "boolean", "default": false},
          "genome": {"type": "enum", "enum": "__GENOMES_REFS__"}}}
        """

    func form() throws -> Form {
        let (form, problems) = Form.parse(Self.text, file: "f")
        #expect(problems == [])
        return try #require(form)
    }

    func check(_ values: [String: JSONValue]) throws -> (values: [String: JSONValue], problems: [Problem]) {
        try form().validate(
            values: values, inputs: ["a.fa", "b.fq"], databases: ["hg19", "hg38"], databaseFiles: ["hg19/x.fa"])
    }

    @Test func keepsOrderAndEveryProperty() throws {
        let form = try form()
        #expect(form.fields.map(\.key) == ["zeta", "alpha", "name", "caller", "fast", "genome"])
        let zeta = try #require(form["zeta"])
        #expect((zeta.minimum, zeta.maximum, zeta.defaultValue) == (1, 8, 2))
        #expect((zeta.title, zeta.description) == ("Z", "dé"))
        #expect(form["name"]?.isRequired == true)
        #expect(form["caller"]?.isAdvanced == true)
        #expect(form["caller"]?.defaultValue == "cons")
        #expect(form["genome"]?.choices == .magic(.genomesRefs))
    }

    @Test(arguments: ["", "\n", " ", "{}", "0", "{\"properties\": {}}"])
    func readsFormsWithoutFields(text: String) { #expect(Form.parse(text, file: "f").form == Form()) }

    @Test func readsTheBareMap() {
        let (form, problems) = Form.parse(#"{"properties": {"type": "integer"}, "b": {"type": "boolean"}}"#, file: "f")
        #expect(problems == [])
        #expect(form?.fields.map(\.key) == ["properties", "b"])
    }

    @Test(arguments: [
        (#"{"a": {"type": "integer",}}"#, 1, "a comma before"), ("{\n \"a\": {\"required\": True}}", 2, "write true"),
        (#"{"a": {"type": "int"}}"#, 1, "\"integer\""), (#"{"a": {"type": "integer", "titel": "x"}}"#, 1, "\"title\""),
        (#"{"a": {"type": "integer", "default": "x"}}"#, 1, "the default is not a whole number"),
        (#"{"a": {"type": "integer", "maximum": 3, "default": 4}}"#, 1, "above the maximum"),
        (#"{"a": {"type": "integer", "minimum": 5, "maximum": 3}}"#, 1, "below the minimum"),
        (#"{"a": {"type": "string", "minimum": 5}}"#, 1, "has no meaning"),
        (#"{"a": {"type": "enum"}}"#, 1, "missing"), (#"{"a": {"type": "enum", "enum": []}}"#, 1, "empty"),
        (#"{"a": {"type": "enum", "enum": "__INPUT_FILES__"}}"#, 1, "\"__INPUTS_FILES__\""),
        (#"{"a": {"type": "enum", "enum": ["x", "x"]}}"#, 1, "given twice"),
        (#"{"a": {"enum": ["x", "y"], "default": "z"}}"#, 1, "not one of the choices"),
        (#"{"a": {"type": "integer", "enum": "__GENOMES_REFS__"}}"#, 1, "holds text"),
        (#"{"a": {"type": "boolean", "required": "yes"}}"#, 1, "true or false"),
        (#"{"a": {"type": "integer"}, "a": {"type": "number"}}"#, 1, "given twice"),
        (#"{"a b": {"type": "integer"}}"#, 1, "name of a field"), ("[]", 1, "a map with the form's fields"),
        ("{'a': 1}", 1, "double quotes"), ("{\"a\": 01}", 1, "expected a value"), ("{} x", 1, "after the end"),
        ("{\"a\": \"\\ud800\"}", 1, "surrogate"), ("{\"a\": \"x", 1, "closing quote"), ("{\"a\"", 1, "\":\""),
        (String(repeating: "[", count: 100_000), 1, "nested deeper"), ("name: x\nb: y", 1, "expected a value"),
    ])
    func refusesWrongForms(text: String, line: Int, words: String) {
        let (form, problems) = Form.parse(text, file: "f")
        #expect(form == nil)
        #expect(problems.count == 1, "\(problems)")
        #expect(problems.first?.line == line)
        #expect(problems.first?.description.contains(words) == true, "\(problems)")
    }

    @Test func fillsDefaultsAndTypes() throws {
        let (values, problems) = try check(["name": "x", "alpha": "2.5", "fast": "Yes", "genome": "hg38", "zeta": 3.0])
        #expect(problems == [])
        #expect(
            values == ["zeta": 3, "alpha": 2.5, "name": "x", "caller": "cons", "fast": true, "genome": "hg38"])
        let defaults = try check(["name": "x", "zeta": "", "alpha": .null])
        #expect(defaults.problems == [])
        #expect(defaults.values == ["zeta": 2, "name": "x", "caller": "cons", "fast": false])
    }

    @Test(
        arguments: [
            ("zeta", "two", "whole number"), ("zeta", 2.5, "whole number"), ("zeta", true, "whole number"),
            ("zeta", 9, "above the maximum"), ("zeta", 0, "below the minimum"), ("zeta", "9", "above"),
            ("zeta", 1e300, "whole number"), ("zeta", "99999999999999999999", "whole number"),
            ("zeta", [1], "found a list"),
            ("alpha", 0.1, "0.5 or more"), ("alpha", "nan", "not a number"), ("alpha", "inf", "not a number"),
            ("name", "", "is required"), ("name", .null, "is required"), ("name", 5, "not text"),
            ("name", "a\0b", "null character"), ("caller", "consensus!", "allowed: multi, cons"),
            ("caller", "mutli", "\"multi\""), ("fast", "maybe", "neither true nor false"), ("fast", 1, "neither"),
            ("genome", "hg37", "allowed: hg19, hg38"), ("genome", "../etc", "not one of the choices"),
            ("zet", 1, "did you mean \"zeta\""),
        ] as [(String, JSONValue, String)])
    func reportsOneProblemForAField(key: String, value: JSONValue, words: String) throws {
        let problems = try check(["name": "x"].merging([key: value]) { _, new in new }).problems
        #expect(problems.count == 1)
        #expect(problems.first?.path == key)
        #expect(problems.first?.description.contains(words) == true, "\(problems)")
    }

    @Test func reportsEveryFieldAtOnce() throws {
        let problems = try check(["zeta": 0, "alpha": "x", "caller": "q", "more": 1]).problems
        #expect(problems.map(\.path) == ["zeta", "alpha", "name", "caller", "more"])
    }

    @Test(arguments: [
        ("__INPUTS_FILES__", "in.fa"), ("__PIRUS_INPUT_FILES__", "in.fa"), ("__GENOMES_REFS__", "hg19"),
        ("__PIRUS_DB_REFS__", "hg19"), ("__PIRUS_DB_REF__", "hg19"), ("__PIRUS_DB_ALL__", "hg19/x.fa"),
    ])
    func resolvesMagicLists(name: String, choice: String) throws {
        let text = #"{"a": {"type": "string", "enum": "\#(name)", "default": 0, "required": true}}"#
        let form = try #require(Form.parse(text, file: "f").form)
        func check(_ values: [String: JSONValue], _ isEmpty: Bool = false) -> (
            values: [String: JSONValue], problems: [Problem]
        ) {
            form.validate(
                values: values, inputs: isEmpty ? [] : ["in.fa"], databases: isEmpty ? [] : ["hg19"],
                databaseFiles: isEmpty ? [] : ["hg19/x.fa"])
        }
        #expect(check(["a": .string(choice)]).values == ["a": .string(choice)])
        #expect(check([:]).values == ["a": .string(choice)])
        #expect(check(["a": "other"]).problems.count == 1)
        #expect(check([:], true).problems.first?.message == "is required")
    }

    @Test func typesTextOfACommandLine() throws {
        let form = try form()
        let cases: [(String, String, JSONValue)] = [
            ("zeta", "2", 2), ("zeta", "x", "x"), ("alpha", "2", 2), ("alpha", "2.5", 2.5), ("alpha", "nan", "nan"),
            ("name", "2", "2"), ("fast", "true", true), ("fast", "0", false), ("caller", "multi", "multi"),
            ("unknown", "1", "1"),
        ]
        for (key, text, value) in cases { #expect(form.typed(text: text, for: key) == value) }
    }
}
