import Foundation
import Glibc
import RucheCore
import RucheHost
import SystemPackage

/// The agency's interface (DataCite REST, JSON:API).
struct DOIAgency: Sendable {
    private static let mediaType = "application/vnd.api+json"
    let configuration: DOIConfiguration
    let client: RegistrationClient

    /// The state that the agency has of a DOI; nil when it does not know it.
    func state(_ doi: String) async throws -> String? {
        let answer = try await send("GET", doi: doi, nil)
        if answer.status == 404 { return nil }
        return try Self.state(try checked(answer, "show \(doi)"))
    }

    /// Makes or changes it; the state it has then. The same twice is the same as once.
    func put(_ doi: String, attributes: JSONValue, event: String?, isNew: Bool) async throws -> String {
        var values = attributes.objectValue ?? [:]
        values["doi"] = .string(doi)
        values["event"] = event.map { .string($0) }
        let body: JSONValue = ["data": ["type": "dois", "attributes": .object(values)]]
        let bytes = Array(try JSONEncoder().encode(body))
        let answer = try await send(isNew ? "POST" : "PUT", doi: isNew ? nil : doi, bytes)
        return try Self.state(try checked(answer, "register \(doi)"))
    }

    private func send(_ method: String, doi: String?, _ body: [UInt8]?) async throws -> RegistrationClient.Answer {
        let path = doi.map { "/" + PercentEncoding.encodePath($0) } ?? ""
        return try await client.send(
            method, "\(configuration.url)/dois\(path)", body: body, type: Self.mediaType, user: configuration.account,
            password: try password())
    }

    private func password() throws -> String {
        let path = configuration.passwordFile
        var status = stat()
        guard stat(path.string, &status) == 0 else {
            throw RucheError(.notFound, "there is no file \(path) with the password for DOIs")
        }
        guard status.st_mode & 0o077 == 0 else {
            throw RucheError(
                .notPermitted,
                "others may read the password file \(path): make it yours alone with \"chmod 600 \(path)\"")
        }
        let text = String(decoding: try AtomicFile.read(path, limit: 4096), as: UTF8.self)
        guard let line = text.split(whereSeparator: \.isNewline).first else {
            throw RucheError(.invalidInput, "the password file \(path) is empty")
        }
        return String(line)
    }

    /// Throws what the agency says is wrong, without the password, should it say that.
    private func checked(_ answer: RegistrationClient.Answer, _ what: String) throws -> JSONValue {
        let document = try? JSONDecoder().decode(JSONValue.self, from: Data(answer.body))
        guard (200..<300).contains(answer.status), let document else {
            let titles = (document?["errors"]?.arrayValue ?? []).compactMap { $0["title"]?.stringValue }
            var text = String(titles.joined(separator: "; ").prefix(500))
            if let secret = try? password(), !secret.isEmpty { text = text.replacing(secret, with: "…") }
            throw RucheError(
                .networkUnavailable,
                "the registration agency refused to \(what) with the status \(answer.status)\(text.isEmpty ? "" : ": \(text)")",
                details: ["status": String(answer.status)])
        }
        return document
    }

    private static func state(_ document: JSONValue) throws -> String {
        guard let state = document["data"]?["attributes"]?["state"]?.stringValue else {
            throw RucheError(.networkUnavailable, "the registration agency did not say which state the DOI has")
        }
        return state
    }
}
