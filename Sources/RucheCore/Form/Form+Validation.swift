extension Form {
    /// Checks the values of a job: at most one problem a field, whose path is the field's key. The values come
    /// back typed, with defaults filled in; fields that have neither value nor default are left out.
    package func validate(
        values: [String: JSONValue], inputs: [String], databases: [String], databaseFiles: [String]
    ) -> (values: [String: JSONValue], problems: [Problem]) {
        let lists = FormLists(inputs: inputs, databases: databases, databaseFiles: databaseFiles)
        var result: [String: JSONValue] = [:]
        var problems: [Problem] = []
        for field in fields {
            switch field.settle(values[field.key] ?? .null, lists) {
            case .value(let value): result[field.key] = value
            case .problem(let problem): problems.append(problem)
            case .nothing: break
            }
        }
        let known = fields.map(\.key)
        for key in values.keys.sorted() where !known.contains(key) {
            problems.append(
                Problem(
                    path: key, message: "the form has no such field", found: values[key]?.summary,
                    allowed: known.isEmpty ? "no fields at all" : known.joined(separator: ", "),
                    suggestion: Spelling.nearest(key, among: known)))
        }
        return (result, problems)
    }
}

extension FormField {
    enum Outcome {
        case value(JSONValue)
        case nothing
        case problem(Problem)
    }

    /// The value of the field for a job, from what was given or else from the default.
    func settle(_ given: JSONValue, _ lists: FormLists) -> Outcome {
        switch read(given) {
        case .fault(let message): return .problem(problem(message, given, lists))
        case .value(let value): return choose(value, given, lists)
        case .nothing: break
        }
        if let fallback = resolvedDefault(lists) {
            let outcome = choose(fallback, fallback, lists)
            guard case .problem(var problem) = outcome else { return outcome }
            // What a magic list holds changes from job to job: a default that is not there is none.
            if !isRequired { return .nothing }
            problem.message = "is required, and its default \(problem.message)"
            return .problem(problem)
        }
        guard isRequired else { return .nothing }
        return .problem(Problem(path: key, message: "is required", allowed: allowed(lists)))
    }

    /// The choices at one job; nil when any value of the type will do.
    package func choices(_ lists: FormLists) -> [JSONValue]? {
        switch choices {
        case .listed(let values): values
        case .magic(let list): lists[list].map(JSONValue.string)
        case nil: nil
        }
    }

    private func choose(_ value: JSONValue, _ given: JSONValue, _ lists: FormLists) -> Outcome {
        guard let choices = choices(lists) else { return .value(value) }
        let match = choices.first { $0 == value || ($0.number != nil && $0.number == value.number) }
        return match.map(Outcome.value) ?? .problem(problem("is not one of the choices", given, lists))
    }

    /// A default may be the index of a choice, which is how the originals' client reads it.
    private func resolvedDefault(_ lists: FormLists) -> JSONValue? {
        guard let defaultValue else { return nil }
        if case .magic(let list) = choices, case .integer(let index) = defaultValue {
            let names = lists[list]
            return Int(exactly: index).flatMap { names.indices.contains($0) ? .string(names[$0]) : nil }
        }
        return defaultValue
    }

    private func problem(_ message: String, _ given: JSONValue, _ lists: FormLists) -> Problem {
        let names = (choices(lists) ?? []).compactMap(\.plainText)
        return Problem(
            path: key, message: message, found: given.summary, allowed: allowed(lists),
            suggestion: given.stringValue.flatMap { Spelling.nearest($0, among: names) })
    }

    private func allowed(_ lists: FormLists) -> String {
        guard let choices = choices(lists) else { return rule }
        if choices.isEmpty, case .magic(let list) = self.choices { return "one of \(list.summary), and there are none" }
        let names = choices.compactMap(\.plainText)
        return names.prefix(20).joined(separator: ", ") + (names.count > 20 ? ", … (\(names.count) in all)" : "")
    }
}

extension JSONValue {
    fileprivate var number: Double? {
        switch self {
        case .integer(let value): Double(value)
        case .number(let value): value
        default: nil
        }
    }
}
