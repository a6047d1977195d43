import RucheCore
import RucheHost
import SystemPackage

/// `apt:` — installs Debian packages with lists and downloads kept outside the image.
struct AptRunner {
    let step: AptStep
    let running: RunningStep

    private static let policy = "/usr/sbin/policy-rc.d"
    /// Below /run, so that the layer is the same with and without a lock.
    private static let pins = "/run/ruche/preferences"

    func run() async throws -> [String] {
        guard try RootPath.program("apt-get", in: running.root) != nil else {
            throw RucheError(.buildFailed, "the image has no apt-get: an apt step needs a Debian base")
        }
        let setting = running.setting
        let sources = try imageSources()
        let cache = try AptCache(
            cache: setting.configuration.cache, sources: sources, architecture: setting.configuration.architecture)
        let lock = try await cache.lock()
        let mounts = try mounts(cache)
        let wasFresh = cache.updatedAt.map { $0 >= setting.resolvedAt } ?? false
        if !wasFresh { try await update(cache, mounts, sources) }
        do {
            try await install(mounts, sources)
        } catch let failure as Failure {
            // Lists of an earlier build may name what the mirror has replaced since.
            guard wasFresh && failure.apt.mayBeStale || failure.apt.isOutOfStep else { throw failure.error }
            if failure.apt.isOutOfStep { try await Task.sleep(for: AptFailure.renewal) }
            try await update(cache, mounts, sources)
            do { try await install(mounts, sources) } catch let failure as Failure { throw failure.error }
        }
        withExtendedLifetime(lock) {}
        return mounts.map(\.destination)
    }

    private struct Failure: Error {
        let apt: AptFailure
        let status: ExitStatus
        var error: RucheError {
            var error = apt.error(doing: "apt-get install")
            error.details["exit_code"] = String(status.shellCode)
            return error
        }
    }

    private func update(_ cache: AptCache, _ mounts: [SandboxSpec.Mount], _ sources: String) async throws {
        let container = StepContainer(
            arguments: command(["-o", "APT::Update::Error-Mode=any", "update"]), network: true, mounts: mounts)
        try await AptFailure.asking(mirror(sources), doing: "apt-get update", onLine: running.onLine) {
            try await running.run(container, keeping: $0)
        }
        try cache.markUpdated(at: running.setting.now())
    }

    private func install(_ mounts: [SandboxSpec.Mount], _ sources: String) async throws {
        let keeper = LineKeeper(next: running.onLine)
        let recommends = step.recommends ? "--install-recommends" : "--no-install-recommends"
        // After "--" so that no package name is read as an option.
        let arguments = command(["install", "--yes", recommends, "--"] + step.packages)
        let container = StepContainer(arguments: arguments, network: true, mounts: mounts)
        let status = try await running.run(container, keeping: keeper)
        guard status.isSuccess else {
            throw Failure(apt: AptFailure(lines: keeper.kept, mirror: mirror(sources)), status: status)
        }
    }

    private func command(_ arguments: [String]) -> [String] {
        let options = [
            "APT::Sandbox::User=root", "Acquire::Languages=none", "Acquire::Retries=3", "Dpkg::Use-Pty=0",
            "Dpkg::Options::=--force-unsafe-io", "Dpkg::Options::=--force-confold",
            "APT::Keep-Downloaded-Packages=true",
            "Binary::apt::APT::Keep-Downloaded-Packages=true",
        ]
        let certificates =
            FileTree.exists(running.setting.configuration.certificates)
            ? ["-o", "Acquire::https::CAInfo=\(StepContainer.certificates)"] : []
        let pins = running.setting.lock == nil ? [] : ["-o", "Dir::Etc::Preferences=\(Self.pins)"]
        return ["apt-get", "-qq", "-o", "APT::Color=0"] + options.flatMap { ["-o", $0] } + certificates + pins
            + arguments
    }

    private func mounts(_ cache: AptCache) throws -> [SandboxSpec.Mount] {
        let policy = running.scratch.appending("policy-rc.d")
        try AtomicFile.write(
            Array("#!/bin/sh\nexit 101\n".utf8), to: policy,
            permissions: [.ownerReadWriteExecute, .groupReadExecute, .otherReadExecute])
        var mounts = [
            SandboxSpec.Mount(source: cache.lists, destination: "/var/lib/apt/lists", readOnly: false),
            SandboxSpec.Mount(source: cache.files, destination: "/var/cache/apt", readOnly: false),
            SandboxSpec.Mount(source: policy, destination: Self.policy, readOnly: true),
        ]
        if let lock = running.setting.lock {
            let text = lock.apt.sorted { $0.key < $1.key }.map {
                "Package: \($0.key)\nPin: version \($0.value)\nPin-Priority: 1001\n"
            }
            let file = running.scratch.appending("preferences")
            try AtomicFile.write(Array(text.joined(separator: "\n").utf8), to: file)
            mounts.append(SandboxSpec.Mount(source: file, destination: Self.pins, readOnly: true))
        }
        return mounts
    }

    /// Everything that says where the image's packages come from.
    private func imageSources() throws -> String {
        let list = try RootPath.read("/etc/apt/sources.list", in: running.root) ?? []
        var text = String(decoding: list, as: UTF8.self)
        let folder = try RootPath.resolve("/etc/apt/sources.list.d", in: running.root)
        guard FileTree.isFolder(folder) else { return text }
        for name in try FileTree.names(in: folder) {
            text += String(
                decoding: try RootPath.read("/etc/apt/sources.list.d/\(name)", in: running.root) ?? [], as: UTF8.self)
        }
        return text
    }

    private func mirror(_ sources: String) -> String {
        (AptSource.parseList(sources) + AptSource.parseStanzas(sources)).first?.uri ?? "the image's apt sources"
    }
}
