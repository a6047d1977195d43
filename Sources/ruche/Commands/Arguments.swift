import ArgumentParser
import RucheCore

/// Arguments as values of the domain, with the domain's own messages.
enum Arguments {
    @Sendable static func release(_ text: String) throws -> ReleaseReference {
        do { return try ReleaseReference(parsing: text) } catch let error as RucheError {
            throw ValidationError(error.message)
        }
    }

    /// A release that must name its version or tag.
    @Sendable static func exactRelease(_ text: String) throws -> ReleaseReference {
        let reference = try release(text)
        guard reference.selector != nil || reference.digest != nil else {
            throw ValidationError("\"\(text)\" names no version: write \(text):VERSION")
        }
        return reference
    }

    @Sendable static func environment(_ text: String) throws -> EnvironmentName {
        guard let name = EnvironmentName(text) else {
            throw ValidationError("\"\(text)\" is no environment: write owner/name, in lower case")
        }
        return name
    }

    @Sendable static func owner(_ text: String) throws -> OwnerName {
        guard let owner = OwnerName(text) else {
            throw ValidationError("\"\(text)\" is no name of an owner: lower case, digits and single . _ - only")
        }
        return owner
    }

    @Sendable static func role(_ text: String) throws -> Role {
        guard let role = Role(rawValue: text) else {
            throw ValidationError(
                "\"\(text)\" is no role: use \(Role.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        return role
    }

    @Sendable static func right(_ text: String) throws -> Right {
        guard let right = Right(rawValue: text) else {
            throw ValidationError(
                "\"\(text)\" is no right: use \(Right.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        return right
    }

    @Sendable static func identifier(_ text: String) throws -> Identifier {
        guard let id = Identifier(text) else {
            throw ValidationError("\"\(text)\" is not an identifier: it has 26 digits and lower-case letters")
        }
        return id
    }

    @Sendable static func size(_ text: String) throws -> ByteCount {
        guard let size = ByteCount(parsing: text), size.bytes > 0 else {
            throw ValidationError("\"\(text)\" is not a size: write 512M, 2G or a number of bytes")
        }
        return size
    }

    /// Seconds.
    @Sendable static func time(_ text: String) throws -> Int {
        guard let duration = Duration(parsing: text), duration.components.seconds > 0 else {
            throw ValidationError("\"\(text)\" is not a time: write 90s, 15m, 2h or 1d")
        }
        return Int(duration.components.seconds)
    }

    @Sendable static func cpus(_ text: String) throws -> Double {
        guard let cpus = Double(text), cpus.isFinite, cpus > 0 else {
            throw ValidationError("\"\(text)\" is not a number of CPUs: write 2 or 0.5")
        }
        return cpus
    }

    @Sendable static func database(_ text: String) throws -> DatabaseReference {
        guard let reference = DatabaseReference(text) else {
            throw ValidationError("\"\(text)\" is not NAME[:VERSION]: letters, digits, . _ and - only")
        }
        return reference
    }
}
