import ArgumentParser
import RucheCore

/// The owner that a package's pipeline goes to when its name has none.
enum PipelineOwner {
    static let standard = "local"

    static func validate(_ owner: String) throws {
        if EnvironmentName("\(owner)/x") == nil {
            throw ValidationError("\"\(owner)\" can't be an owner: lower case, digits and single . _ - only")
        }
    }
}
