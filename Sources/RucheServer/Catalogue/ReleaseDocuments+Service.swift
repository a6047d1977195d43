package import RucheCore
package import RucheImages
package import RucheService
package import RucheWire

extension ReleaseSummaryDocument {
    package init(_ entry: CatalogueEntry) {
        self.init(
            name: entry.name, version: entry.version, digest: entry.digest, tags: entry.tags, size: entry.size,
            variants: entry.variants, isPipeline: entry.isPipeline, publishedAt: entry.publishedAt)
        summary = entry.summary
        revokedReason = entry.revokedReason
    }
}

extension ReleaseDocument {
    package init(_ details: ReleaseDetails) {
        self.init(
            summary: ReleaseSummaryDocument(details.entry), recipe: details.recipe,
            variants: details.variants.map {
                var variant = Variant(
                    format: $0.format, architecture: $0.architecture, digest: $0.digest, size: $0.size)
                (variant.provider, variant.checksum, variant.url) = ($0.provider, $0.checksum, $0.url)
                return variant
            },
            artifacts: details.artifacts.map {
                Artifact(
                    kind: $0.kind.rawValue, mediaType: $0.blob.mediaType, digest: $0.blob.digest, size: $0.blob.size)
            })
        form = details.form
        (description, license, homepage) = (details.about.description, details.about.license, details.about.homepage)
        (authors, keywords) = (details.about.authors, details.about.keywords)
        downloads = details.downloads
    }
}

extension ReleaseFileDocument {
    package init(_ file: ReleaseFile) {
        self.init(
            format: file.format, architecture: file.architecture, name: file.name, mediaType: file.mediaType,
            digest: file.digest, size: file.size)
        (provider, checksum) = (file.provider, file.checksum)
    }
}

extension DraftDocument {
    package init(_ draft: ReleaseDraft) {
        self.init(
            name: draft.name, version: draft.version,
            variants: draft.variants.map { box in
                var variant = Variant(provider: box.provider, architecture: box.architecture, isDefault: box.isDefault)
                (variant.size, variant.url, variant.digest) = (box.size, box.url, box.blob)
                variant.checksum = box.checksum.map { "\($0.kind.rawValue):\($0.hex)" }
                return variant
            }, createdAt: draft.createdAt, updatedAt: draft.updatedAt)
        description = draft.description
    }
}

extension HistoryDocument {
    package init(_ layer: LayerHistory) {
        self.init(createdBy: layer.createdBy, size: layer.size, digest: layer.digest)
    }
}

extension DiffDocument {
    package init(_ difference: ReleaseDiff) {
        self.init(
            packages: difference.packages.map {
                PackageChange(system: $0.system, name: $0.name, before: $0.before, after: $0.after)
            },
            files: difference.files.map { change in
                let kind: FileChange.Kind =
                    switch change.kind {
                    case .added: .added
                    case .removed: .removed
                    case .changed: .changed
                    }
                return FileChange(
                    kind: kind, path: change.path, sizeBefore: change.sizeBefore, sizeAfter: change.sizeAfter)
            },
            sizeBefore: difference.sizeBefore, sizeAfter: difference.sizeAfter)
    }
}

extension OperationDocument {
    package init(record: OperationRecord) {
        self.init(
            id: record.id, kind: record.kind, title: record.title, state: record.state.rawValue,
            createdAt: record.createdAt)
        endedAt = record.endedAt
        progress = record.progress
        result = record.result
        owner = record.owner
        createdBy = record.createdBy
        failure = record.failure.map {
            Failure(code: $0.code, message: $0.message, details: $0.details, problems: $0.problems)
        }
    }
}
