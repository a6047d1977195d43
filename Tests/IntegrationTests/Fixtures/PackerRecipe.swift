import RucheHost
import SystemPackage

/// A recipe over a template of Packer whose builder copies a file: a whole way from a template to machines in a second.
extension RucheFixture {
    /// Writes a disk with a system on it that can be read, and a recipe that starts from it. `provision` is shell that a
    /// step of the template runs on this machine.
    @discardableResult
    func packerRecipe(
        version: String = "1.0.0", variants: String = "[qcow2, vmdk, ova]", packer: String = "builder: one",
        provision: String = "echo provisioned", text: String = "hello"
    ) async throws -> FilePath {
        let disk = folder.appending("win/template/disk.img")
        if !FileTree.exists(disk) {
            try write("guest/etc/os-release", "PRETTY_NAME=\"Test System 1\"\n")
            try write(
                "guest/var/lib/dpkg/status",
                "Package: hello\nStatus: install ok installed\nVersion: 2.10\nArchitecture: amd64\n\n")
            try write("win/template/note.txt", text)
            try await tool("mke2fs", "-q", "-t", "ext4", "-d", folder.appending("guest").string, disk.string, "16M")
        }
        try write("win/template/note.txt", text)
        try write(
            "win/template/t.json",
            """
            {"variables": {"password": "", "label": "none"},
             "builders": [{"type": "file", "name": "one", "source": "disk.img", "target": "out/disk.img"},
                          {"type": "null", "name": "two", "communicator": "none"}],
             "post-processors": [{"type": "shell-local", "inline": [
               "cat note.txt; echo; echo label {{user `label`}}, password {{user `password`}}", \(quoted(provision))]}]}
            """)
        try write(
            "win/ruche.yaml",
            """
            ruche: 1
            name: lab/win
            version: \(version)
            from: packer:template/t.json
            packer: {\(packer), files: [template/note.txt]}
            variants: \(variants)

            """)
        return folder.appending("win")
    }

    private func quoted(_ text: String) -> String {
        "\"\(text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\""))\""
    }
}
