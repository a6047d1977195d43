import RucheCore
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
                Variant(format: $0.format, architecture: $0.architecture, digest: $0.digest, size: $0.size)
            },
            artifacts: details.artifacts.map {
                Artifact(
                    kind: $0.kind.rawValue, mediaType: $0.blob.mediaType, digest: $0.blob.digest, size: $0.blob.size)
            })
        form = details.form
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
