/// The media type of a file, from what was said of it or from its name.
enum FileMediaType {
    static let unknown = "application/octet-stream"

    private static let byExtension = [
        "bam": "application/vnd.ga4gh.bam", "cram": "application/vnd.ga4gh.cram", "sam": "text/x-sam",
        "vcf": "text/x-vcf", "bcf": "application/vnd.ga4gh.bcf", "bed": "text/x-bed", "gff": "text/x-gff3",
        "fa": "text/x-fasta", "fasta": "text/x-fasta", "fq": "text/x-fastq", "fastq": "text/x-fastq",
        "gz": "application/gzip", "zip": "application/zip", "tar": "application/x-tar", "xz": "application/x-xz",
        "json": "application/json", "yaml": "application/yaml", "yml": "application/yaml", "csv": "text/csv",
        "tsv": "text/tab-separated-values", "txt": "text/plain", "log": "text/plain", "md": "text/markdown",
        "html": "text/html", "pdf": "application/pdf", "png": "image/png", "svg": "image/svg+xml",
    ]

    /// What was said counts when it has the form of a media type.
    static func of(_ name: String, said: String? = nil) -> String {
        if let said, said.utf8.count <= 120,
            said.wholeMatch(of: /[A-Za-z0-9!#$&^_.+\-]+\/[A-Za-z0-9!#$&^_.+\-]+/) != nil
        {
            return said.lowercased()
        }
        guard let dot = name.lastIndex(of: ".") else { return unknown }
        return byExtension[name[name.index(after: dot)...].lowercased()] ?? unknown
    }
}
