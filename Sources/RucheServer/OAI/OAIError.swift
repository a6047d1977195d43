/// An error of the protocol, which comes in an answer that is fine otherwise (OAI-PMH 2.0, 3.6).
struct OAIError: Error {
    enum Code: String {
        case badVerb, badArgument, badResumptionToken, cannotDisseminateFormat, idDoesNotExist, noRecordsMatch
    }

    var code: Code
    var message: String

    init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }
}
