package import HTTPTypes

extension HTTPField.Name {
    package static let requestID = constant("X-Request-Id")
    package static let lastEventID = constant("Last-Event-ID")
    package static let secFetchSite = constant("Sec-Fetch-Site")
    package static let contentTypeOptions = constant("X-Content-Type-Options")

    private static func constant(_ text: String) -> Self {
        guard let name = Self(text) else { preconditionFailure("\(text) is no header name") }
        return name
    }
}
