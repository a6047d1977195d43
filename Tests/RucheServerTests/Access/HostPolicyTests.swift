import HTTPTypes
import RucheCore
import Testing

@testable import RucheServer

@Suite struct HostPolicyTests {
    private let policy = HostPolicy(names: ["ruche.example.org"])

    private func isAllowed(
        _ authority: String?, method: HTTPRequest.Method = .get, _ headers: HTTPFields = [:]
    ) -> Bool {
        let head = HTTPRequest(method: method, scheme: "http", authority: authority, path: "/", headerFields: headers)
        do {
            try policy.check(head)
            return true
        } catch {
            return false
        }
    }

    @Test(arguments: [
        "127.0.0.1:8080", "localhost", "localhost:1", "[::1]:8080", "RUCHE.example.org", "ruche.example.org.:80",
        "192.168.1.7",
    ])
    func answersToItsNamesAndToAddresses(authority: String) {
        #expect(isAllowed(authority))
    }

    @Test(arguments: [
        "evil.example.org", "evil.example.org:8080", "ruche.example.org.evil.com", "localhost:99999", "", "[::1",
        "127.0.0.1:80:80", "localhost:",
    ])
    func refusesEveryOtherName(authority: String) {
        #expect(!isAllowed(authority))
    }

    @Test func refusesAMissingHost() { #expect(!isAllowed(nil)) }

    @Test func refusesPagesOfOtherSites() {
        #expect(isAllowed("localhost:80", [.origin: "http://localhost:80"]))
        #expect(!isAllowed("localhost:80", [.origin: "http://localhost:81"]))
        #expect(!isAllowed("localhost:80", [.origin: "null"]))
        #expect(!isAllowed("localhost", method: .post, [.secFetchSite: "cross-site"]))
        #expect(isAllowed("localhost", method: .post, [.secFetchSite: "same-origin"]))
    }
}
