import Foundation
package import RucheCore
package import RucheHost
package import SystemPackage

/// What a machine is told at its first start, in cloud-init's NoCloud form. Documents are JSON, which is YAML too.
package struct CloudSeed: Sendable {
    package var id: Identifier
    package var hostName: String
    /// The account that gets the keys and may do everything.
    package var user: String
    /// Lines of `authorized_keys`.
    package var keys: [String] = []
    /// The machine's own SSH key, so that it is known before it is there.
    package var hostKey: KeyPair?
    package var shares: [InstanceShare] = []
    package var network: MachineContract.FixedNetwork?
    /// Where one finds its first published port.
    package var url: String?
    /// What the user wants besides, in any form that cloud-init takes by its first line.
    package var userData: String?

    package struct KeyPair: Hashable, Sendable {
        package var secret: String
        /// A line of `authorized_keys`.
        package var line: String

        package init(secret: String, line: String) {
            self.secret = secret
            self.line = line
        }
    }

    package init(id: Identifier, hostName: String, user: String) {
        self.id = id
        self.hostName = hostName
        self.user = user
    }

    // MARK: Documents

    /// Our service in the image reads `ruche` of it.
    package func metaData() throws -> String {
        var own: [String: JSONValue] = ["name": .string(hostName)]
        if let url { own["url"] = .string(url) }
        return try Self.text([
            "instance-id": .string(id.description), "local-hostname": .string(hostName), "ruche": .object(own),
        ])
    }

    package func networkConfiguration() throws -> String {
        var card: [String: JSONValue] = ["match": ["macaddress": .string(MACAddress(id).description)]]
        if let network {
            card["addresses"] = [.string(network.address)]
            if let gateway = network.gateway { card["routes"] = [["to": "default", "via": .string(gateway)]] }
            if !network.dns.isEmpty { card["nameservers"] = ["addresses": .array(network.dns.map { .string($0) })] }
        } else {
            card["dhcp4"] = true
        }
        return try Self.text(["version": 2, "ethernets": ["net": .object(card)]])
    }

    /// One document, or several parts where the user has something to add; none of it replaces ours.
    package func userDocument() throws -> String {
        let own = "#cloud-config\n" + (try Self.text(.object(settings)))
        guard let userData else { return own }
        let boundary = "ruche-\(id)"
        return """
            Content-Type: multipart/mixed; boundary="\(boundary)"
            MIME-Version: 1.0

            --\(boundary)
            Content-Type: text/cloud-config; charset="utf-8"
            Content-Transfer-Encoding: 8bit

            \(own)
            --\(boundary)
            Content-Type: \(try Self.type(of: userData)); charset="utf-8"
            Content-Transfer-Encoding: base64
            Merge-Type: list(append)+dict(no_replace,recurse_list)+str()

            \(Data(userData.utf8).base64EncodedString(options: .lineLength76Characters))
            --\(boundary)--

            """
    }

    private var settings: [String: JSONValue] {
        var settings: [String: JSONValue] = [
            "hostname": .string(hostName), "preserve_hostname": false, "ssh_pwauth": false,
            "manage_etc_hosts": "localhost",
            "users": [
                [
                    "name": .string(user), "groups": ["sudo"], "sudo": "ALL=(ALL) NOPASSWD:ALL", "shell": "/bin/bash",
                    "lock_passwd": true, "ssh_authorized_keys": .array(keys.map { .string($0) }),
                ]
            ],
        ]
        if let hostKey {
            settings["ssh_deletekeys"] = true
            settings["ssh_genkeytypes"] = []
            settings["ssh_keys"] = [
                "ed25519_private": .string(hostKey.secret), "ed25519_public": .string(hostKey.line),
            ]
        }
        if !shares.isEmpty {
            // At each start; "mounts" of cloud-init leaves out what is no device.
            settings["bootcmd"] = .array(
                shares.indices.map { ["sh", "-c", .string(Self.mount(shares[$0].target, "share\($0)"))] })
        }
        return settings
    }

    private static func mount(_ target: String, _ tag: String) -> String {
        let quoted = "'" + target.replacing("'", with: #"'\''"#) + "'"
        return "mkdir -p \(quoted) && { mountpoint -q \(quoted) || mount -t virtiofs \(tag) \(quoted); }"
    }

    /// What a user's document is, by its first line. Throws `invalid_input` for what cloud-init would ignore.
    package static func type(of userData: String) throws -> String {
        let kinds = [
            ("#cloud-config", "text/cloud-config"), ("#!", "text/x-shellscript"),
            ("#include", "text/x-include-url"), ("#cloud-boothook", "text/cloud-boothook"),
        ]
        guard let kind = kinds.first(where: { userData.hasPrefix($0.0) }) else {
            throw RucheError(
                .invalidInput,
                "the user data is nothing that cloud-init knows: begin it with \"#cloud-config\" or \"#!\"",
                problems: [
                    Problem(
                        path: "userData", message: "cloud-init does not know this form",
                        allowed: kinds.map(\.0).joined(separator: ", "))
                ])
        }
        return kind.1
    }

    // MARK: The disk

    /// Writes the disk that cloud-init looks for, readable by its owner only: the machine's key is on it.
    package func write(to folder: FilePath, runner: any CommandRunning) async throws {
        let target = folder.appending(InstanceSpec.seedFile)
        try await TemporaryDirectory.with(in: folder, prefix: "seed") { parts in
            let documents = [
                "user-data": try userDocument(), "meta-data": try metaData(),
                "network-config": try networkConfiguration(),
            ]
            for (name, text) in documents {
                try AtomicFile.write(
                    Array(text.utf8), to: parts.appending(name), permissions: [.ownerReadWrite], durable: false)
            }
            let image = parts.appending("seed.iso")
            let arguments = ["-quiet", "-output", image.string, "-volid", "cidata", "-joliet", "-rock"]
            try await runner.runChecked(
                Command(
                    Tool.genisoimage.name, arguments + documents.keys.sorted(), workingDirectory: parts))
            try FileTree.setMode(image, 0o600)
            try AtomicFile.rename(image, to: target)
        }
    }

    private static func text(_ value: JSONValue) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes, .prettyPrinted]
        return String(decoding: try encoder.encode(value), as: UTF8.self) + "\n"
    }
}
