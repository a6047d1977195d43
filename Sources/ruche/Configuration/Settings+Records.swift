import Foundation
import RucheCore
import RucheHost
import RucheService
import SystemPackage

extension Settings {
    /// What the site says of itself. Throws `invalid_input` for a value that does not fit, naming where it came from.
    static func records(
        _ values: [SettingKey: Value], _ environment: ProcessEnvironment
    ) throws -> RecordConfiguration {
        var configuration = RecordConfiguration()
        if let value = values[.naan] {
            guard ARK.isNAAN(value.text) else {
                throw wrong(value, .naan, "the number that was assigned to you, such as 12345")
            }
            configuration.naan = value.text
        }
        if let value = values[.publicURL] {
            guard let url = address(value.text) else {
                throw wrong(value, .publicURL, "http(s)://HOST[:PORT], with no path")
            }
            configuration.publicURL = url
        }
        if let value = values[.publisher] { configuration.publisher = value.text }
        if let value = values[.adminEmail] {
            guard value.text.wholeMatch(of: /[^@\s<>]+@[^@\s<>]+/) != nil else {
                throw wrong(value, .adminEmail, "an address such as admin@example.org")
            }
            configuration.adminEmail = value.text
        }
        configuration.doi = try dois(values, environment)
        return configuration
    }

    private static func dois(
        _ values: [SettingKey: Value], _ environment: ProcessEnvironment
    ) throws -> DOIConfiguration? {
        guard let url = values[.doiURL] else { return nil }
        guard let address = address(url.text) else {
            throw wrong(url, .doiURL, "https://HOST")
        }
        let host = URLComponents(string: address)?.host ?? ""
        guard address.hasPrefix("https://") || ["127.0.0.1", "localhost", "[::1]"].contains(host) else {
            throw wrong(url, .doiURL, "an address with https://, or the password is read on the way")
        }
        for key in [SettingKey.doiPrefix, .doiAccount, .doiPasswordFile, .publicURL] where values[key] == nil {
            throw RucheError(.invalidInput, "\(key.rawValue) is missing, which doi_url (from \(url.origin)) needs")
        }
        guard let prefix = values[.doiPrefix], let account = values[.doiAccount], let file = values[.doiPasswordFile]
        else { return nil }
        guard prefix.text.wholeMatch(of: /10\.[0-9]{4,9}(\.[0-9]+)*/) != nil else {
            throw wrong(prefix, .doiPrefix, "the prefix that was assigned to you, such as 10.5072")
        }
        guard !account.text.isEmpty, !account.text.contains(":") else {
            throw wrong(account, .doiAccount, "the name of the account")
        }
        return DOIConfiguration(
            url: address, prefix: prefix.text, account: account.text,
            passwordFile: environment.absolute(file.text))
    }

    /// Without the slash that may end it; nil where there is a path, a query or a user.
    private static func address(_ text: String) -> String? {
        let plain = text.hasSuffix("/") ? String(text.dropLast()) : text
        guard let parts = URLComponents(string: plain), ["http", "https"].contains(parts.scheme ?? ""),
            parts.host?.isEmpty == false, parts.path.isEmpty, parts.query == nil, parts.fragment == nil,
            parts.user == nil, plain.utf8.allSatisfy({ (33...126).contains($0) })
        else { return nil }
        return plain
    }

    static func wrong(_ value: Value, _ key: SettingKey, _ allowed: String) -> RucheError {
        RucheError(
            .invalidInput, "\(key.rawValue) is \"\(value.text)\" (from \(value.origin)); write \(allowed)")
    }
}
