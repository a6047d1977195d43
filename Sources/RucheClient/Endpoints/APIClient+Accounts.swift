import NIOHTTP1
package import RucheCore
package import RucheWire

extension APIClient {
    package func me() async throws -> MeDocument {
        try await document(APIRequest(.GET, "/api/v1/me"), as: MeDocument.self)
    }

    package func setUp(_ request: SetupRequest) async throws -> UserDocument {
        let body = try JSON.encode(request)
        return try await document(APIRequest(.POST, "/api/v1/setup", body: .json(body)), as: UserDocument.self)
    }

    // MARK: Users

    package func users() async throws -> [UserDocument] { try await all("/api/v1/users", of: UserDocument.self) }

    package func user(_ name: OwnerName) async throws -> UserDocument {
        try await document(APIRequest(.GET, "/api/v1/users/\(name)"), as: UserDocument.self)
    }

    package func addUser(_ request: UserRequest) async throws -> UserDocument {
        let body = try JSON.encode(request)
        return try await document(APIRequest(.POST, "/api/v1/users", body: .json(body)), as: UserDocument.self)
    }

    package func changeUser(_ name: OwnerName, _ change: UserChange) async throws -> UserDocument {
        let body = try JSON.encode(change)
        return try await document(APIRequest(.PATCH, "/api/v1/users/\(name)", body: .json(body)), as: UserDocument.self)
    }

    package func setPassword(_ request: PasswordRequest, of name: OwnerName) async throws {
        let body = try JSON.encode(request)
        try await discard(APIRequest(.PUT, "/api/v1/users/\(name)/password", body: .json(body)))
    }

    package func removeUser(_ name: OwnerName) async throws {
        try await discard(APIRequest(.DELETE, "/api/v1/users/\(name)"))
    }

    // MARK: Owners

    package func owners() async throws -> [OwnerDocument] { try await all("/api/v1/owners", of: OwnerDocument.self) }

    package func addOwner(_ request: OwnerRequest) async throws -> OwnerDocument {
        let body = try JSON.encode(request)
        return try await document(APIRequest(.POST, "/api/v1/owners", body: .json(body)), as: OwnerDocument.self)
    }

    package func changeOwner(_ name: OwnerName, _ change: OwnerChange) async throws -> OwnerDocument {
        let body = try JSON.encode(change)
        return try await document(
            APIRequest(.PATCH, "/api/v1/owners/\(name)", body: .json(body)), as: OwnerDocument.self)
    }

    package func removeOwner(_ name: OwnerName) async throws {
        try await discard(APIRequest(.DELETE, "/api/v1/owners/\(name)"))
    }

    package func members(of owner: OwnerName) async throws -> [MemberDocument] {
        try await document(APIRequest(.GET, "/api/v1/owners/\(owner)/members"), as: [MemberDocument].self)
    }

    package func setRole(_ role: Role, of user: OwnerName, with owner: OwnerName) async throws {
        let body = try JSON.encode(RoleDocument(role: role))
        try await discard(APIRequest(.PUT, "/api/v1/owners/\(owner)/members/\(user)", body: .json(body)))
    }

    package func removeMember(_ user: OwnerName, of owner: OwnerName) async throws {
        try await discard(APIRequest(.DELETE, "/api/v1/owners/\(owner)/members/\(user)"))
    }

    // MARK: Tokens

    package func tokens() async throws -> [TokenDocument] { try await all("/api/v1/tokens", of: TokenDocument.self) }

    package func addToken(_ request: TokenRequest) async throws -> TokenDocument {
        let body = try JSON.encode(request)
        return try await document(APIRequest(.POST, "/api/v1/tokens", body: .json(body)), as: TokenDocument.self)
    }

    package func revokeToken(_ id: Identifier) async throws {
        try await discard(APIRequest(.DELETE, "/api/v1/tokens/\(id)"))
    }
}
