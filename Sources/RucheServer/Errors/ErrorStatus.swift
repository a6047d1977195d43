package import HTTPTypes
package import RucheCore

extension ErrorCode {
    /// The status and title of a problem with this code: the only such table. A code that is not in it is
    /// a failure of the server.
    package var problem: (status: HTTPResponse.Status, title: String) {
        switch self {
        case .invalidInput: (.badRequest, "The request is not valid")
        case .invalidRecipe: (.unprocessableContent, "The recipe is not valid")
        case .invalidForm: (.unprocessableContent, "The form values are not valid")
        case .invalidReference: (.badRequest, "The name of a release is not valid")
        case .invalidArchive: (.unprocessableContent, "The archive is not valid")
        case .notFound: (.notFound, "It is not here")
        case .conflict: (.conflict, "It conflicts with what is here")
        case .immutable: (.conflict, "A release never changes")
        case .inUse: (.conflict, "It is in use")
        case .invalidState: (.conflict, "Its state does not allow this")
        case .corruptContent: (.internalServerError, "Stored content is damaged")
        case .gone: (.gone, "It is not here any more")
        case .locked: (.locked, "Somebody else works on it")
        case .checksumMismatch: (.checksumMismatch, "The bytes are not those that were announced")
        case .wrongMediaType: (.unsupportedMediaType, "The content has the wrong type")
        case .wrongProtocolVersion: (.preconditionFailed, "This version of the protocol is not spoken here")
        case .quotaExceeded: (.contentTooLarge, "The quota is used up")
        case .buildFailed: (.unprocessableContent, "The build failed")
        case .testFailed: (.unprocessableContent, "A test of the environment failed")
        case .jobFailed: (.unprocessableContent, "The job failed")
        case .instanceFailed: (.unprocessableContent, "The instance did not start")
        case .cancelled: (.conflict, "It was cancelled")
        case .timedOut: (.gatewayTimeout, "It took too long")
        case .missingTool: (.serviceUnavailable, "A program is missing on the server")
        case .notPermitted: (.forbidden, "The server lacks the rights")
        case .networkUnavailable: (.badGateway, "The network does not answer")
        case .diskFull: (.insufficientStorage, "The disk is full")
        case .engineUnavailable: (.serviceUnavailable, "The engine does not answer")
        case .serverUnavailable: (.serviceUnavailable, "The server can't answer now")
        case .unauthorized: (.unauthorized, "A token is needed")
        case .forbidden: (.forbidden, "This is not allowed")
        case .tooManyRequests: (.tooManyRequests, "It is asked too often")
        case .unsupported: (.unprocessableContent, "This is not supported")
        default: (.internalServerError, "The server failed")
        }
    }
}

extension HTTPResponse.Status {
    package static let locked = Self(code: 423, reasonPhrase: "Locked")
    /// Of the TUS protocol.
    package static let checksumMismatch = Self(code: 460, reasonPhrase: "Checksum Mismatch")
    package static let insufficientStorage = Self(code: 507, reasonPhrase: "Insufficient Storage")
}
