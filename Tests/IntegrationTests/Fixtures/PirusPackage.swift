import Glibc
import RucheHost
import SystemPackage

/// Packages as people made them for the original, over a root of one static program and the machine's own curl.
extension RucheFixture {
    /// A root file system with `job` as `/pipeline/job/run.sh`, not executable, as copies to a container often are.
    func pirusRoot(_ name: String, job: String) async throws -> FilePath {
        let root = folder.appending(name)
        for path in [
            "bin", "sbin", "tmp", "proc", "sys", "dev", "etc", "pipeline/job", "pipeline/inputs", "pipeline/outputs",
            "pipeline/logs", "pipeline/db",
        ] {
            try FileTree.makeFolder(root.appending(path))
        }
        try await tool("cp", "/bin/busybox", root.appending("bin/busybox").string)
        for applet in try await tool("/bin/busybox", "--list").split(separator: "\n") where applet != "busybox" {
            _ = symlink("busybox", root.appending("bin").appending(String(applet)).string)
        }
        try write("\(name)/etc/passwd", "root:x:0:0::/:/bin/sh\nnobody:x:65534:65534::/:/bin/sh\n")
        try write("\(name)/etc/group", "root:x:0:\nnogroup:x:65534:\n")
        try write("\(name)/pipeline/job/run.sh", "#!/bin/sh\n\(job)\n")
        let copy = """
            for file in /usr/bin/curl $(ldd /usr/bin/curl | grep -o '/[^ ]*'); do
                mkdir -p "$1$(dirname "$file")" && cp -L "$file" "$1$file" || exit 1
            done
            """
        try await tool("/bin/sh", "-c", copy, "sh", root.string)
        return root
    }

    /// The unified tarball of an LXD image.
    func lxdImage(_ root: FilePath, metadata: String, to target: String) async throws -> FilePath {
        let image = folder.appending("\(target).image")
        try FileTree.makeFolder(image)
        try AtomicFile.write(Array(metadata.utf8), to: image.appending("metadata.yaml"))
        let path = folder.appending(target)
        try FileTree.makeFolder(path.removingLastComponent())
        try await tool(
            "tar", "--numeric-owner", "--transform=s,^\\.,rootfs,", "-caf", path.string, "-C", image.string,
            "metadata.yaml", "-C", root.string, ".")
        return path
    }

    /// A zip of what is in a folder, or of the folder itself.
    func zip(_ source: String, to target: String, withFolder: Bool) async throws -> FilePath {
        let path = folder.appending(target)
        let script = #"""
            import os, sys, zipfile
            source, target, prefix = sys.argv[1:]
            with zipfile.ZipFile(target, 'w', zipfile.ZIP_DEFLATED) as archive:
                for place, _, names in os.walk(source):
                    for name in names:
                        full = os.path.join(place, name)
                        archive.write(full, os.path.join(prefix, os.path.relpath(full, source)))
            """#
        try await tool(
            "python3", "-c", script, folder.appending(source).string, path.string, withFolder ? source : "")
        return path
    }

    static let lxdMetadata = "architecture: x86_64\ncreation_date: 1496000000\nproperties: {os: Busybox}\n"

    /// The package of the tutorial: everything in one folder of the zip.
    func lxdPackage(version: String = "1.0", job: String, form: String = "\n") async throws -> FilePath {
        let root = try await pirusRoot("root-\(version)", job: job)
        let name = "MyPipeline-\(version)"
        _ = try await lxdImage(root, metadata: Self.lxdMetadata, to: "\(name)/lxc_image.tar.gz")
        try FileTree.remove(folder.appending("\(name)/lxc_image.tar.gz.image"))
        try write(
            "\(name)/manifest.json",
            """
            {"name": "My Pipeline", "version": "\(version)", "type": "lxd", "job": "/pipeline/job/run.sh",
             "inputs": "/pipeline/inputs", "outputs": "/pipeline/outputs", "logs": "/pipeline/logs",
             "databases": "/pipeline/db", "developpers": ["Ada"],
             "documents": {"form": "form.json", "presentation": "doc/prez.html", "help": "doc/missing.html"}}
            """)
        try write("\(name)/form.json", form)
        try write("\(name)/doc/prez.html", "<html><script>alert(1)</script>About</html>")
        try write("\(name)/LICENSE", "AGPL-3.0\n")
        return try await zip(name, to: "MyPipelineV\(version).zip", withFolder: true)
    }
}
