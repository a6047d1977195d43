import Foundation
import RucheCore

/// Makes and compares hashes of passwords on threads of its own, one at a time: each takes a tenth of a second and
/// much memory, and nobody else may wait for that.
actor PasswordHasher {
    /// More than these are sent away.
    private static let longestLine = 100

    private let cost: PasswordHash.Cost
    private var isBusy = false
    private var line: [CheckedContinuation<Void, Never>] = []
    /// What the password of somebody unknown is compared with, so that it takes as long as any other.
    private var decoy: PasswordHash?

    init(cost: PasswordHash.Cost) { self.cost = cost }

    func hash(_ password: String) async throws -> PasswordHash {
        let cost = cost
        return try await alone { try PasswordHash(password, cost: cost) }
    }

    /// Whether a password is the one of a hash; without a hash false, after as long a time.
    func matches(_ password: String, _ stored: PasswordHash?) async throws -> Bool {
        if stored == nil, decoy == nil { decoy = try await hash(Secret().text) }
        guard let hash = stored ?? decoy else { return false }
        return try await alone { try hash.matches(password) } && stored != nil
    }

    private func alone<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) async throws -> Result {
        guard line.count < Self.longestLine else {
            throw RucheError(.serverUnavailable, "too many people log in just now: try again in a moment")
        }
        if isBusy { await withCheckedContinuation { line.append($0) } }
        isBusy = true
        defer {
            // Whoever is next finds it busy still, so that nobody comes between.
            if line.isEmpty { isBusy = false } else { line.removeFirst().resume() }
        }
        return try await withCheckedThrowingContinuation { continuation in
            let thread = Thread { continuation.resume(with: Swift.Result { try body() }) }
            thread.start()
        }
    }
}
