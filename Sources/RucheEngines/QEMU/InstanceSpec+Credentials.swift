import Foundation

extension InstanceSpec {
    /// What an image without cloud-init is told by the machine's firmware, as strings of its maker (SMBIOS type 11);
    /// systemd 252 and later takes them as credentials. A public key is no secret.
    var credentials: [String] {
        let address = url.map { "io.systemd.credential:ruche.url=\($0)" }
        let key = publicKey.map {
            "io.systemd.credential.binary:ssh.authorized_keys.root=\(Data($0.utf8).base64EncodedString())"
        }
        return [address, key].compactMap(\.self)
    }
}
