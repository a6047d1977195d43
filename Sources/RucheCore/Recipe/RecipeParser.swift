/// Makes a checked recipe of YAML. Pure: what the recipe names on disk is looked at elsewhere.
package struct RecipeParser {
    /// The schema version that this version reads (`ruche: 1`).
    package static let schemaVersion = 1

    /// The recipe, or every problem in it with its place. `file` is how the user named the text.
    package static func parse(_ text: String, file: String) -> (recipe: Recipe?, problems: [Problem]) {
        let reading = read(text, file: file)
        return (reading.document?.recipe, reading.problems)
    }

    /// As `parse`, with places, and with the files a recipe names even when it has problems.
    package static func read(_ text: String, file: String) -> RecipeReading {
        let (root, problems) = YAMLSource.parse(text, file: file)
        guard let root else { return RecipeReading(files: [], problems: problems) }
        var parser = RecipeParser(source: SourceReader(file: file))
        let recipe = parser.recipe(root)
        let all = (problems + parser.source.problems).sorted { left, right in
            (left.line ?? 0, left.column ?? 0) < (right.line ?? 0, right.column ?? 0)
        }
        let files = parser.files.map { found in
            var file = found
            file.place = parser.source.places[found.keyPath]
            return file
        }
        guard let recipe, all.isEmpty else {
            return RecipeReading(files: files, problems: all, hiddenProblems: parser.source.hidden)
        }
        let document = RecipeDocument(recipe: recipe, file: file, places: parser.source.places, files: files)
        return RecipeReading(document: document, files: files, problems: [])
    }

    var source: SourceReader
    var files: [RecipeFile] = []

    private init(source: SourceReader) { self.source = source }

    private mutating func recipe(_ root: SourceNode) -> Recipe? {
        guard let fields = source.fields(root, "", RecipeKeys.top) else { return nil }
        schema(fields)
        let name = source.value(
            fields["name"], "name", allowed: "owner/name, lower case letters, digits, \".\", \"_\", \"-\"",
            isTakenAsWritten: true
        ) { EnvironmentName($0) }
        let version = source.value(
            fields["version"], "version", allowed: "a version that starts with a number, such as 1.0.0 or 2.1-rc.1",
            isTakenAsWritten: true
        ) { ReleaseVersion($0) }
        let from = base(fields["from"])
        if let file = from?.file { files.append(file) }
        // The rest is read even without these, so that one run reports every problem.
        guard let placeholder = EnvironmentName("a/a"), let zero = ReleaseVersion("0") else { return nil }
        var recipe = Recipe(name: name ?? placeholder, version: version ?? zero, from: from ?? .debian(suite: "stable"))
        describe(&recipe, fields)
        configure(&recipe, fields)
        recipe.steps = steps(fields["steps"])
        if let node = fields["pipeline"] { recipe.pipeline = pipeline(node) }
        if let node = fields["service"] { recipe.service = service(node) }
        if let node = fields["machine"] { recipe.machine = machine(node) }
        if let node = fields["packer"] { recipe.packer = packer(node) }
        if from != nil { checkDiskBase(&recipe, fields) }
        if let form = recipe.pipeline?.form {
            files.append(RecipeFile(path: form, keyPath: "pipeline.form", kind: .file))
        }
        return name == nil || version == nil || from == nil ? nil : recipe
    }

    private mutating func schema(_ fields: SourceFields) {
        guard let node = fields["ruche"], node.integer != Int64(Self.schemaVersion) else { return }
        guard let version = node.integer, version > 0 else {
            source.reportType(node, "ruche", allowed: "\(Self.schemaVersion)")
            return
        }
        source.report(
            node.place, "ruche", "this version of ruche can't read schema version \(version); use a newer one",
            found: "\(version)", allowed: "\(Self.schemaVersion)")
    }

    private mutating func describe(_ recipe: inout Recipe, _ fields: SourceFields) {
        recipe.summary = source.text(fields["summary"], "summary", limit: 256)
        recipe.description = source.text(fields["description"], "description", limit: 16384, isMultiline: true)
        recipe.authors =
            source.list(fields["authors"], "authors", of: "authors") { source, node, path in
                Self.author(&source, node, path)
            } ?? []
        recipe.license = license(fields["license"])
        recipe.keywords =
            source.list(fields["keywords"], "keywords", of: "words") { source, node, path in
                source.text(node, path, limit: 64)
            } ?? []
        source.reportRepeated(fields["keywords"], "keywords")
        recipe.homepage = source.value(fields["homepage"], "homepage", allowed: URLSyntax.webRule) {
            URLSyntax.isWeb($0) ? $0 : nil
        }
    }

    private static func author(_ source: inout SourceReader, _ node: SourceNode, _ path: String) -> Recipe.Author? {
        guard let fields = source.fields(node, path, RecipeKeys.author) else { return nil }
        let name = source.text(fields["name"], fields.path("name"), limit: 200)
        var author = Recipe.Author(name: name ?? "")
        author.orcid = source.value(
            fields["orcid"], fields.path("orcid"), allowed: "\(ORCID.rule), with a right checksum"
        ) {
            ORCID.isValid($0) ? $0 : nil
        }
        author.email = source.value(
            fields["email"], fields.path("email"), allowed: "an address such as ada@example.org"
        ) {
            $0.wholeMatch(of: /[^\s@<>]{1,64}@[A-Za-z0-9.-]{1,255}/) != nil ? $0 : nil
        }
        return name == nil ? nil : author
    }

    private mutating func license(_ node: SourceNode?) -> String? {
        guard let node,
            let text = source.value(node, "license", allowed: LicenseExpression.rule, { $0.isEmpty ? nil : $0 })
        else { return nil }
        guard let fault = LicenseExpression.fault(in: text) else { return text }
        source.report(
            node.place, "license", fault.message, found: node.summary, allowed: LicenseExpression.rule,
            suggestion: fault.suggestion)
        return nil
    }
}
