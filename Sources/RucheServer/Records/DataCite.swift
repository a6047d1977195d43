import RucheCore
import RucheImages
import RucheService

/// A record in the properties of DataCite's kernel 4.6, for its two forms.
struct DataCite {
    let view: RecordView

    struct Related {
        var identifier: String
        var type: String
        var relation: String
    }

    struct Date {
        var date: String
        var type: String
        var information: String?
    }

    static let namespace = "http://datacite.org/schema/kernel-4"
    static let schemaVersion = "http://datacite.org/schema/kernel-4"

    /// The identifier itself: a DOI, or else the ARK.
    var identifier: (text: String, type: String) {
        view.record.doi.map { ($0, "DOI") } ?? (view.record.ark.description, "ARK")
    }

    /// Other identifiers of the same thing.
    var alternates: [(text: String, type: String)] {
        var all: [(String, String)] = []
        if view.record.doi != nil { all.append((view.record.ark.description, "ARK")) }
        if let swhid = view.record.swhid { all.append((swhid, "SWHID of the recipe")) }
        if let digest = view.record.digest { all.append((digest.description, "OCI digest")) }
        return all
    }

    var resourceType: String {
        let formats = Set(view.record.variants.map(\.format))
        if view.record.version == nil { return "Software environment" }
        return formats.contains("oci") ? "Container image" : "Virtual machine image"
    }

    var related: [Related] {
        let record = view.record
        var all: [Related] = []
        if record.version != nil {
            all.append(Related(identifier: record.environmentARK.description, type: "ARK", relation: "IsVersionOf"))
        } else {
            all += record.versions.prefix(100).compactMap { version in
                version.ark.map { Related(identifier: $0.description, type: "ARK", relation: "HasVersion") }
            }
        }
        let neighbours = record.neighbours
        if let ark = neighbours.older?.ark {
            all.append(Related(identifier: ark.description, type: "ARK", relation: "IsNewVersionOf"))
        }
        if let ark = neighbours.newer?.ark {
            all.append(Related(identifier: ark.description, type: "ARK", relation: "IsPreviousVersionOf"))
        }
        if let homepage = RecordView.link(record.homepage) {
            all.append(Related(identifier: homepage, type: "URL", relation: "IsDocumentedBy"))
        }
        all.append(
            Related(identifier: view.address(of: .crate), type: "URL", relation: "HasMetadata"))
        return all
    }

    var dates: [Date] {
        let record = view.record
        var all = [
            Date(date: view.date, type: "Issued"),
            Date(date: RecordView.day(record.modifiedAt), type: "Updated"),
        ]
        if let revocation = record.revocation {
            all.append(
                Date(
                    date: RecordView.day(revocation.at * 1000), type: "Withdrawn",
                    information: revocation.reason))
        }
        return all
    }

    var sizes: [String] { unique(view.record.files.compactMap { $0.size.map { "\($0) bytes" } }) }
    var formats: [String] { unique(view.record.files.map(\.mediaType)) }

    /// Lists are sets here, and have no empty texts.
    private func unique(_ texts: [String]) -> [String] {
        texts.reduce(into: []) { if !$1.isEmpty, !$0.contains($1) { $0.append($1) } }
    }

    var subjects: [String] { unique(view.record.keywords) }

    /// The abstract and, where it says more, the long description.
    var descriptions: [(text: String, type: String)] {
        var all = [(view.summary, "Abstract")]
        if let text = view.record.description, !text.isEmpty { all.append((text, "TechnicalInfo")) }
        if let notes = view.record.releaseNotes, !notes.isEmpty { all.append((notes, "Other")) }
        return all
    }
}
