import ArgumentParser
import RucheCore

/// What the program ends with, one number a class of failure (docs/cli.md has the table).
enum ExitClass: Int32, CaseIterable, Sendable {
    case success = 0
    case internalError = 1
    case badInput = 2
    case notFound = 3
    case conflict = 4
    case buildFailed = 5
    case testFailed = 6
    case jobFailed = 7
    case cancelled = 8
    case machine = 9
    case unreachable = 10
    case diskFull = 11
    case corrupt = 12
    case timedOut = 13
    case denied = 14

    /// The only place where codes become exit statuses. A code of a newer server is an internal error.
    init(_ code: ErrorCode) {
        self = Self.byCode[code] ?? .internalError
    }

    init(_ error: any Error) {
        switch error {
        case let error as RucheError: self.init(error.code)
        case is CancellationError: self = .cancelled
        case let code as ExitCode: self = ExitClass(rawValue: code.rawValue) ?? .internalError
        default: self = .internalError
        }
    }

    private static let byCode: [ErrorCode: ExitClass] = [
        .invalidInput: .badInput, .invalidRecipe: .badInput, .invalidForm: .badInput, .invalidReference: .badInput,
        .invalidArchive: .badInput, .unsupported: .badInput,
        .notFound: .notFound,
        .conflict: .conflict, .immutable: .conflict, .inUse: .conflict, .invalidState: .conflict,
        .buildFailed: .buildFailed, .testFailed: .testFailed, .jobFailed: .jobFailed, .instanceFailed: .jobFailed,
        .cancelled: .cancelled,
        .missingTool: .machine, .notPermitted: .machine, .engineUnavailable: .machine,
        .networkUnavailable: .unreachable, .serverUnavailable: .unreachable, .tooManyRequests: .unreachable,
        .diskFull: .diskFull, .corruptContent: .corrupt, .timedOut: .timedOut,
        .unauthorized: .denied, .forbidden: .denied,
        .gone: .notFound, .locked: .conflict, .quotaExceeded: .denied, .checksumMismatch: .corrupt,
        .wrongMediaType: .badInput, .wrongProtocolVersion: .badInput,
    ]

    /// What the table in the documentation says.
    var meaning: String {
        switch self {
        case .success: "it worked"
        case .internalError: "a fault of Ruche itself"
        case .badInput: "bad usage, or input that was refused before any work started"
        case .notFound: "something named does not exist"
        case .conflict: "what exists or runs does not allow it: name taken, release immutable, in use, wrong state"
        case .buildFailed: "a step of a build failed"
        case .testFailed: "a test of the recipe failed"
        case .jobFailed: "the job ended without success, or the instance did not become ready"
        case .cancelled: "cancelled"
        case .machine: "this machine lacks something: a program, a right, an engine"
        case .unreachable: "the network or the server can't be reached"
        case .diskFull: "the disk is full"
        case .corrupt: "content is not what its digest says"
        case .timedOut: "a time limit was reached"
        case .denied: "the token is missing, wrong, or not enough"
        }
    }
}
