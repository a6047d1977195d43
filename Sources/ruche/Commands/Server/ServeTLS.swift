import RucheCore

/// The certificate and key that `ruche serve` is told to use, by options or by settings.
enum ServeTLS {
    /// Nil for plain HTTP. Throws `invalid_input` for one without the other.
    static func files(
        certificate: String?, key: String?, _ context: CommandContext
    ) throws -> ServingOptions.TLSFiles? {
        let values = context.settings.values
        switch (certificate ?? values[.tlsCertificate]?.text, key ?? values[.tlsKey]?.text) {
        case (nil, nil): return nil
        case (let certificate?, let key?):
            return .init(
                certificate: context.environment.absolute(certificate), key: context.environment.absolute(key))
        case (_?, nil): throw RucheError(.invalidInput, "a certificate needs its key: give --tls-key too")
        case (nil, _?): throw RucheError(.invalidInput, "a key needs its certificate: give --tls-certificate too")
        }
    }
}
