import Glibc
import RucheCore
import RucheHost
import SystemPackage

/// The folders that Packer has to itself: what it sees as `/tmp` and `/var/tmp` is in the data directory, and goes with
/// the build. Its downloads are kept for the next build of the same environment.
struct PackerScratch: Sendable {
    /// Of this build.
    let folder: FilePath
    /// Of all builds of the environment.
    let downloads: FilePath
    let account: SystemAccount
    /// The template's folder below the recipe's.
    private let template: FilePath

    private static let source = "tmp/source"
    /// There for as long as Packer runs.
    private var running: FilePath {
        downloads.removingLastComponent().appending(".\(downloads.lastComponent?.string ?? "")")
    }

    init(
        _ folder: FilePath, cache: FilePath, for name: EnvironmentName, template: FilePath, account: SystemAccount
    ) throws {
        self.folder = folder
        self.account = account
        self.template = template
        downloads = cache.appending("packer").appending("\(name.owner)+\(name.name)")
        for path in ["tmp", "var-tmp", "tmp/cache", "tmp/home", Self.source].map({ folder.pushing(FilePath($0)) }) {
            try FileTree.makeFolder(path, permissions: 0o700)
            try own(path)
        }
        // What a killed build was fetching may be half of it.
        if FileTree.exists(running) { try FileTree.remove(downloads) }
        try FileTree.makeFolder(downloads, permissions: 0o700)
        try own(downloads)
        try AtomicFile.write([], to: running)
    }

    /// Packer has ended by itself, so that what it fetched is whole.
    func keepDownloads() throws { try FileTree.remove(running) }

    /// Puts the recipe's folder where Packer works, for it to write to.
    func copy(_ source: FilePath, with runner: any CommandRunning) async throws {
        let target = folder.pushing(FilePath(Self.source))
        do {
            try await runner.runChecked(
                Command("cp", ["-a", "--reflink=auto", "--", source.appending(".").string, target.string]))
            try await runner.runChecked(
                Command("chown", ["-R", "-h", "\(account.user):\(account.group)", "--", target.string]))
        } catch let failure as ProcessFailure {
            throw failure.error("the recipe's folder can't be copied for Packer", writingTo: folder)
        }
    }

    /// Writes a file that the account alone reads, and returns its name as Packer sees it.
    func write(_ bytes: [UInt8], as name: String) throws -> String {
        let file = folder.appending("tmp").appending(name)
        try AtomicFile.write(bytes, to: file, permissions: [.ownerReadWrite], durable: false)
        try own(file)
        return "/tmp/\(name)"
    }

    private func own(_ path: FilePath) throws {
        guard lchown(path.string, account.user, account.group) == 0 else { throw Errno(rawValue: errno) }
    }

    /// In Packer's own mount namespace. The names are relative, as the data directory may itself be below one of these.
    private static let script = """
        cd "$1"
        mount --bind "$2" tmp/cache
        mount --no-canonicalize --rbind var-tmp /var/tmp
        mount --no-canonicalize --rbind tmp /tmp
        cd "/\(source)/$3"
        shift 3
        exec "$@"
        """

    /// Packer with its arguments: in mount and process namespaces of its own, so that nothing it starts outlives it, and
    /// as the account.
    func command(_ arguments: [String], proxies: [String: String]) -> Command {
        let own = [
            "HOME": "/tmp/home", "TMPDIR": "/tmp", "USER": account.name, "PACKER_CACHE_DIR": "/tmp/cache",
            "PACKER_CONFIG_DIR": "/tmp/home", "CHECKPOINT_DISABLE": "1", "PACKER_NO_COLOR": "1",
        ]
        return Command(
            "unshare",
            ["--mount", "--pid", "--fork", "--kill-child", "--mount-proc", "/bin/sh", "-euc", Self.script, "sh"]
                + [folder.string, downloads.string, template.isEmpty ? "." : template.string] + rights
                + [Tool.packer.name] + arguments,
            environment: proxies.merging(own) { $1 })
    }

    /// Nobody gets the one right that a virtual machine needs. An account of the operator's has its own rights.
    private var rights: [String] {
        var words = ["setpriv", "--reuid=\(account.user)", "--regid=\(account.group)"]
        guard account.user == Command.nobody else { return words + ["--init-groups"] }
        var status = stat()
        let hasGroup = stat("/dev/kvm", &status) == 0 && status.st_gid != 0
        words.append(hasGroup ? "--groups=\(status.st_gid)" : "--clear-groups")
        return words + ["--no-new-privs"]
    }

    /// The real place of a file that Packer names. Throws `unsupported` for one that is not in its folders.
    func locate(_ name: String) throws -> FilePath {
        let path =
            if name.hasPrefix("/var/tmp/") {
                folder.appending("var-tmp").pushing(FilePath(String(name.dropFirst("/var/tmp/".count))))
            } else if name.hasPrefix("/tmp/") {
                folder.appending("tmp").pushing(FilePath(String(name.dropFirst("/tmp/".count))))
            } else {
                folder.pushing(FilePath(Self.source)).pushing(template).pushing(FilePath(name))
            }
        guard !name.hasPrefix("/") || path.starts(with: folder), let real = Self.real(path),
            let top = Self.real(folder),
            real.hasPrefix(top + "/"), case .regular = try FileTree.kind(FilePath(real))
        else {
            throw RucheError(
                .unsupported,
                "Packer put its artifact at \"\(name.prefix(200))\", which is no file in the folder that it was given: use a relative output_directory in the template"
            )
        }
        return FilePath(real)
    }

    private static func real(_ path: FilePath) -> String? {
        guard let pointer = realpath(path.string, nil) else { return nil }
        defer { free(pointer) }
        return String(cString: pointer)
    }
}
