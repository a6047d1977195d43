import Glibc
import RucheHost
import SystemPackage

/// Recipes over a root file system of one static program: builds in a fraction of a second, needs no mirror.
extension RucheFixture {
    /// Writes a recipe folder and returns it. `job` is the script that jobs run.
    func busyboxRecipe(
        name: String = "test/tiny", version: String = "1.0.0", job: String = "echo hello", extra: String = "",
        form: String? = nil
    ) async throws -> FilePath {
        let recipe = folder.appending("recipe-\(name.replacing("/", with: "-"))-\(version)")
        try await busyboxRoot(recipe.appending("root.tar"))
        let relative = recipe.lastComponent?.string ?? "recipe"
        try write("\(relative)/job/run.sh", "#!/bin/sh\n\(job)\n", executable: true)
        if let form { try write("\(relative)/form.json", form) }
        try write(
            "\(relative)/ruche.yaml",
            """
            ruche: 1
            name: \(name)
            version: "\(version)"
            from: tar:root.tar
            steps:
              - copy: {from: job/, to: /pipeline/job, mode: "0755"}
            pipeline:
              job: /pipeline/job/run.sh
            \(form == nil ? "" : "  form: form.json\n")\(extra)

            """)
        return recipe
    }

    /// Builds a busybox recipe and returns its reference.
    @discardableResult
    func buildBusybox(
        name: String = "test/tiny", version: String = "1.0.0", job: String = "echo hello", extra: String = "",
        form: String? = nil
    ) async throws -> String {
        let recipe = try await busyboxRecipe(name: name, version: version, job: job, extra: extra, form: form)
        try await ruche("build", recipe.string)
        return "\(name):\(version)"
    }

    private func busyboxRoot(_ archive: FilePath) async throws {
        try await packRoot(try await busyboxFolder(), to: archive)
    }

    /// A root as a tar whose times are always the same.
    func packRoot(_ root: FilePath, to archive: FilePath) async throws {
        try FileTree.makeFolder(archive.removingLastComponent())
        try await tool("tar", "--sort=name", "--mtime=@1700000000", "-C", root.string, "-cf", archive.string, ".")
    }

    /// A root file system of busybox, made once.
    func busyboxFolder() async throws -> FilePath {
        let root = folder.appending("busybox-root")
        if !FileTree.exists(root) {
            for name in [
                "bin", "sbin", "tmp", "proc", "sys", "dev", "etc", "pipeline/inputs", "pipeline/outputs",
                "pipeline/logs", "pipeline/db",
            ] {
                try FileTree.makeFolder(root.appending(name))
            }
            try await tool("cp", "/bin/busybox", root.appending("bin/busybox").string)
            let applets = try await tool("/bin/busybox", "--list").split(separator: "\n")
            for applet in applets where applet != "busybox" {
                _ = symlink("busybox", root.appending("bin").appending(String(applet)).string)
            }
            try write("busybox-root/etc/passwd", "root:x:0:0::/:/bin/sh\nnobody:x:65534:65534::/:/bin/sh\n")
            try write("busybox-root/etc/group", "root:x:0:\nnogroup:x:65534:\n")
            // What LXD starts first.
            try write("busybox-root/sbin/init", "#!/bin/sh\nexec sleep 100000\n", executable: true)
        }
        return root
    }
}
