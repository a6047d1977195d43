/// Public keys as `ssh-keygen` writes them and `authorized_keys` holds them (sshd(8)).
package enum PublicKeySyntax {
    /// True for one line of kind, key and an optional comment, without options.
    package static func isPublicKey(_ text: String) -> Bool {
        text.utf8.count <= 16384
            && text.wholeMatch(
                of: /(?:ssh|ecdsa|sk-ssh|sk-ecdsa)-[a-z0-9@.-]{1,60} [A-Za-z0-9+\/]{40,}={0,3}(?: [^\n\r\0]*)?/) != nil
    }
}
