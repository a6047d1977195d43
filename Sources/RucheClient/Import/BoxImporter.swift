import Glibc
package import RucheCore
import RucheHost
import RucheWire
package import SystemPackage

import struct Crypto.SHA256

/// Copies boxes into a site: descriptions, versions, providers, files. What is there already stays as it is; what broke
/// off goes on; what can't be copied is reported and does not hold up the rest.
package struct BoxImporter: Sendable {
    /// What became of one box file, or of one version.
    package struct Finding: Codable, Hashable, Sendable {
        /// `owner/name:version`, and the provider and architecture where it is about one.
        package var box: String
        /// Why it could not be copied.
        package var reason: String

        package init(box: String, reason: String) {
            self.box = box
            self.reason = reason
        }
    }

    package struct Report: Codable, Hashable, Sendable {
        package var name: String
        package var released: [String] = []
        /// What is whole, and is left for somebody to release.
        package var drafts: [String]?
        package var alreadyThere: [String] = []
        package var failures: [Finding] = []

        package init(name: String) { self.name = name }
    }

    /// How far a file is: what, its bytes, and all of them where that is known.
    package typealias Progress = @Sendable (_ what: String, _ done: Int64, _ total: Int64?) -> Void

    private let source: ForeignSite
    private let target: APIClient
    /// Where files wait that are on their way.
    private let folder: FilePath
    private let onProgress: Progress
    /// Whether a version of which something can't be copied is released without it.
    package var releasesPartly = false
    /// Whether versions stay drafts once they are whole.
    package var leavesDrafts = false
    /// Where a file may be, besides at an http or https address; nil allows nothing else.
    package var localFolder: FilePath?

    package init(
        from source: ForeignSite, to target: APIClient, folder: FilePath,
        onProgress: @escaping Progress = { _, _, _ in }
    ) {
        self.source = source
        self.target = target
        self.folder = folder
        self.onProgress = onProgress
    }

    /// Copies a box under a name of this site.
    package func run(
        _ box: ForeignBox, as name: EnvironmentName, visibility: Visibility
    ) async throws -> Report {
        try FileTree.makeFolder(folder, permissions: 0o700)
        try await makeEnvironment(box, name, visibility)
        var report = Report(name: name.description)
        // Oldest first: the newest is then the one that was published last.
        for version in box.versions.reversed() {
            let text = "\(name):\(version.version)"
            guard version.status == "active" else {
                report.failures.append(Finding(box: text, reason: "it is \(version.status.prefix(40)) there"))
                continue
            }
            guard ReleaseVersion(version.version) != nil else {
                report.failures.append(
                    Finding(box: text, reason: "\"\(version.version.prefix(100))\" can't be a version here"))
                continue
            }
            do { try await copy(version, name, &report) } catch let error as RucheError {
                report.failures.append(Finding(box: text, reason: error.message))
            }
        }
        return report
    }

    private func makeEnvironment(_ box: ForeignBox, _ name: EnvironmentName, _ visibility: Visibility) async throws {
        do { _ = try await target.environment(name) } catch let error as RucheError where error.code == .notFound {
            var request = EnvironmentRequest(name: name)
            request.visibility = visibility
            request.summary = box.summary.map { String($0.prefix(EnvironmentProfile.longestSummary / 4)) }
            request.description = box.description.map {
                String($0.prefix(EnvironmentProfile.longestDescription / 4))
            }
            _ = try await target.addEnvironment(request)
        }
    }

    private func copy(
        _ version: ForeignBox.Version, _ name: EnvironmentName, _ report: inout Report
    ) async throws {
        let text = "\(name):\(version.version)"
        let here = try await known(version, name)
        if let here, here.status != "unreleased" {
            report.alreadyThere.append(text)
            for box in version.providers where !Self.has(here, box) {
                report.failures.append(
                    Finding(
                        box: "\(text) \(box.name) \(box.architecture)",
                        reason: "the version is released here without it, and never changes"))
            }
            return
        }
        if here == nil { try await target.addBoxVersion(version.version, description: version.description, of: name) }
        var (copied, failed) = (0, 0)
        for box in version.providers {
            do {
                try await copy(box, of: name, version.version, isKnown: here.map { Self.has($0, box) } ?? false)
                copied += 1
            } catch let error as RucheError where error.code != .serverUnavailable && error.code != .diskFull {
                failed += 1
                report.failures.append(
                    Finding(box: "\(text) \(box.name) \(box.architecture)", reason: error.message))
            }
        }
        guard copied > 0, failed == 0 || releasesPartly else {
            let reason = copied == 0 ? "it has no box that could be copied" : "it stays a draft until all of it is here"
            report.failures.append(Finding(box: text, reason: reason))
            return
        }
        if leavesDrafts {
            report.drafts = (report.drafts ?? []) + [text]
            return
        }
        try await target.releaseBoxVersion(version.version, of: name)
        report.released.append(text)
    }

    private func known(_ version: ForeignBox.Version, _ name: EnvironmentName) async throws -> Vagrant.Version? {
        do { return try await target.boxVersion(version.version, of: name) } catch let error as RucheError
            where error.code == .notFound
        { return nil }
    }

    private static func has(_ version: Vagrant.Version, _ box: ForeignBox.Provider) -> Bool {
        version.providers.contains { $0.name == box.name && $0.architecture == box.architecture }
    }

    private func copy(
        _ box: ForeignBox.Provider, of name: EnvironmentName, _ version: String, isKnown: Bool
    ) async throws {
        if let strange = box.strangeChecksum {
            throw RucheError(.invalidInput, "its checksum \(strange) is none that is known, so it can't be checked")
        }
        if isKnown, try await target.hasBoxFile(box, of: name, version) { return }
        if !isKnown { try await target.addBox(box, to: name, version) }
        let what = "\(name):\(version) \(box.name)"
        do {
            if let file = try localFile(box) { return try await send(file, box, name, version, what) }
            let part = folder.appending(Self.fileName(box.url))
            let wasBegun = FileTree.exists(part)
            try await source.download(box.url, to: part) { onProgress(what, $0, $1) }
            do { try await send(part, box, name, version, what) } catch let error as RucheError
                where error.code == .checksumMismatch && wasBegun
            {
                // The beginning may have been of another file.
                try FileTree.remove(part)
                try await source.download(box.url, to: part) { onProgress(what, $0, $1) }
                try await send(part, box, name, version, what)
            }
            try FileTree.remove(part)
        } catch let error as RucheError {
            // Nothing of it stays; a part that came is used by the next attempt unless it is at fault itself.
            if ![.networkUnavailable, .serverUnavailable, .diskFull].contains(error.code) {
                try? FileTree.remove(folder.appending(Self.fileName(box.url)))
            }
            if error.code != .serverUnavailable { try? await target.removeBox(box, from: name, version) }
            throw error
        }
    }

    private func send(
        _ file: FilePath, _ box: ForeignBox.Provider, _ name: EnvironmentName, _ version: String, _ what: String
    ) async throws {
        let length = try Upload(file: file).length ?? 0
        let upload = try Upload(file: file) { onProgress("storing \(what)", $0, length) }
        try await target.sendBox(upload, as: box, of: name, version)
    }

    /// A file of this machine, where the description of the box is one too.
    private func localFile(_ box: ForeignBox.Provider) throws -> FilePath? {
        guard !["http://", "https://"].contains(where: box.url.lowercased().hasPrefix) else { return nil }
        guard let localFolder, !box.url.isEmpty else {
            throw RucheError(.invalidInput, "\"\(box.url.prefix(200))\" is no http or https address of a box")
        }
        let path = FilePath(box.url.hasPrefix("file://") ? String(box.url.dropFirst(7)) : box.url)
        let file = (path.isAbsolute ? path : localFolder.pushing(path)).lexicallyNormalized()
        guard FileTree.exists(file), !FileTree.isFolder(file) else {
            throw RucheError(.notFound, "there is no file \(file)")
        }
        return file
    }

    private static func fileName(_ url: String) -> String {
        "\(Digest(bytes: SHA256.hash(data: Array(url.utf8))).hex).part"
    }
}
