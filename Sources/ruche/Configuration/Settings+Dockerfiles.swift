import RucheBuild
import RucheCore

extension Settings {
    /// Throws `invalid_input` for a value that does not fit, naming where it came from.
    static func dockerfiles(_ values: [SettingKey: Value]) throws -> DockerfileBuilderConfiguration {
        var configuration = DockerfileBuilderConfiguration()
        if let value = values[.dockerBuilder] {
            guard let kind = DockerfileBuilderConfiguration.Kind(rawValue: value.text) else {
                throw wrong(value, .dockerBuilder, "buildah or docker")
            }
            configuration.kind = kind
        }
        configuration.dockerHost = values[.dockerBuilderHost]?.text
        if let value = values[.dockerBuilderNetwork] {
            guard let allowed = ["true": true, "false": false][value.text] else {
                throw wrong(value, .dockerBuilderNetwork, "true or false")
            }
            configuration.allowsNetwork = allowed
        }
        return configuration
    }
}
