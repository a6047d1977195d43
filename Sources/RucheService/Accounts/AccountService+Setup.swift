package import RucheCore
import RucheHost
import RucheStore
package import SystemPackage

/// Making the first administrator over the network.
extension AccountService {
    /// Writes a set-up code to `file` and gives it, when nobody can administer the site yet. To be called when the
    /// server begins to listen on a network.
    package func openSetup(_ file: FilePath) async throws -> String? {
        guard try await !hasAdministrator() else {
            if FileTree.exists(file) { try FileTree.remove(file) }
            return nil
        }
        return try setupCode.open(file)
    }

    /// Makes the first administrator, for who has the code, which is worthless afterwards.
    ///
    /// Throws `not_found` once there is an administrator or when no code was made, `unauthorized` for a wrong code,
    /// and `too_many_requests` after many. What is wrong with the rest does not use the code up.
    package func setUp(
        _ name: OwnerName, displayName: String? = nil, password: String, code: String, address: String
    ) async throws -> UserAccount {
        guard setupCode.isOpen, try await !hasAdministrator() else {
            setupCode.close()
            throw Self.noSetup
        }
        let subject = "setup:\(address.prefix(64))"
        try await requirePatience([(subject, policy.freeFailuresOfUser)])
        guard setupCode.matches(code) else {
            try await refuse([subject], nil, address, kind: "setup.refused")
            throw RucheError(
                .unauthorized, "the set-up code is not right: it is in the file that \"ruche serve\" named at its start"
            )
        }
        let user = try await Acting.$current.withValue(Acting(actor: name.description, owner: name)) {
            try await addUser(name, displayName: displayName, siteRole: .admin, password: password) { connection in
                // Whoever came first made it useless for all others.
                guard try !UserRepository(connection).hasActive(siteRole: Role.admin.rawValue) else {
                    throw Self.noSetup
                }
                try LoginAttemptRepository(connection).forget(subject)
            }
        }
        setupCode.close()
        return user
    }

    private static var noSetup: RucheError {
        RucheError(.notFound, "there is no set-up to do here: ask an administrator for an account")
    }
}
