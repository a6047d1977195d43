package import Hummingbird
package import RucheCore

extension AppRequestContext {
    /// A part of the path, percent-decoded. Throws `invalid_input` when the route has no such part.
    package func parameter(_ name: String) throws -> String {
        guard let value = parameters.get(name) else {
            throw RucheError(.invalidInput, "the path has no part \"\(name)\"")
        }
        return value
    }

    /// A part of the path that is an identifier. Throws `not_found`: what is no identifier names nothing.
    package func identifier(_ name: String = "id") throws -> Identifier {
        let text = try parameter(name)
        guard let identifier = Identifier(text) else {
            throw RucheError(.notFound, "\"\(text.prefix(64))\" is no identifier of anything here")
        }
        return identifier
    }

    /// `{owner}/{name}` of the path. Throws `invalid_reference`.
    package func environmentName() throws -> EnvironmentName {
        let text = "\(try parameter("owner"))/\(try parameter("name"))"
        guard let name = EnvironmentName(text) else {
            throw RucheError(
                .invalidReference, "\"\(text.prefix(160))\" is not owner/name: lower case, digits and single . _ - only"
            )
        }
        return name
    }

    /// `{owner}/{name}/{version}` of the path; the version may be a tag, `latest`, or a digest.
    package func releaseReference() throws -> ReleaseReference {
        let name = try environmentName()
        let version = try parameter("version")
        if let digest = Digest(version) { return ReleaseReference(name: name, digest: digest) }
        return try ReleaseReference(parsing: "\(name):\(version)")
    }

    /// The tail of a path that ends with `{name+}`: a relative path with no empty, `.` or `..` part.
    package func relativePath(_ name: String = "path") throws -> String {
        let text = try parameter(name)
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.allSatisfy({ !$0.isEmpty && $0 != "." && $0 != ".." }), !text.utf8.contains(0) else {
            throw RucheError(.invalidInput, "\"\(text.prefix(160))\" is not a path below a folder")
        }
        return text
    }
}

extension Request {
    /// A query parameter; nil when it is not given or empty.
    package func query(_ name: String) -> String? {
        guard let value = uri.queryParameters[name[...]], !value.isEmpty else { return nil }
        return String(value)
    }

    /// A query parameter that must be there. Throws `invalid_input`.
    package func requiredQuery(_ name: String) throws -> String {
        guard let value = query(name) else {
            let problem = Problem(path: name, message: "this query parameter is missing")
            throw RucheError(.invalidInput, "the query parameter \"\(name)\" is missing", problems: [problem])
        }
        return value
    }

    /// `?name`, `=1` and `=true` are true; `=0`, `=false` and nothing are false. Throws `invalid_input`.
    package func flag(_ name: String) throws -> Bool {
        guard let value = uri.queryParameters[name[...]] else { return false }
        switch value {
        case "", "1", "true": return true
        case "0", "false": return false
        default: throw Self.invalidQuery(name, String(value), allowed: "true or false")
        }
    }

    /// A whole number in `range`. Throws `invalid_input`.
    package func integer(_ name: String, in range: ClosedRange<Int>) throws -> Int? {
        guard let text = query(name) else { return nil }
        guard let value = Int(text), range.contains(value) else {
            throw Self.invalidQuery(
                name, text, allowed: "a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return value
    }

    /// `?limit=` of a list, at most 1,000, by default 100.
    package func pageLimit() throws -> Int { try integer("limit", in: 1...1000) ?? 100 }

    package static func invalidQuery(_ name: String, _ found: String, allowed: String) -> RucheError {
        let problem = Problem(
            path: name, message: "this query parameter has a wrong value", found: String(found.prefix(80)),
            allowed: allowed)
        return RucheError(
            .invalidInput, "\"\(found.prefix(80))\" is not allowed for the query parameter \"\(name)\": use \(allowed)",
            problems: [problem])
    }
}
