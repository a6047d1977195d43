import RucheCore

/// The one disk of an appliance, as its description (OVF 1.x, DMTF DSP0243) names it.
struct OVFDisk {
    /// A file of the archive.
    let file: String

    /// Throws `unsupported` for appliances that are more than one plain disk, and `invalid_archive` for those that
    /// refer to what is not in the archive.
    init(_ description: [UInt8]) throws {
        let document = try MarkupTags(description)
        guard document.tags.first?.name == "Envelope" else {
            throw RucheError(.invalidArchive, "the description of the appliance is no OVF")
        }
        guard document.all("VirtualSystem").count <= 1 else {
            throw RucheError(.unsupported, "the appliance has several machines: export them one by one")
        }
        let disks = document.all("Disk").filter { $0.attributes["fileRef"] != nil }
        guard disks.count == 1 else {
            throw RucheError(
                .unsupported, "the appliance has \(disks.count) disks with content: a release takes one with one disk")
        }
        guard disks[0].attributes["parentRef"] == nil else {
            throw RucheError(.unsupported, "the appliance's disk is a difference to another one: export it again")
        }
        let files = document.all("File").filter { $0.attributes["id"] == disks[0].attributes["fileRef"] }
        guard files.count == 1, let name = files[0].attributes["href"] else {
            throw RucheError(.invalidArchive, "the appliance's disk refers to no file")
        }
        guard !name.isEmpty, name != ".", name != "..", !name.contains("/"), !name.contains("\\") else {
            throw RucheError(
                .invalidArchive, "the appliance refers to \"\(name.prefix(200))\", which is outside its archive",
                details: ["href": String(name.prefix(1000))])
        }
        guard files[0].attributes["chunkSize"] == nil else {
            throw RucheError(.unsupported, "the appliance's disk is split into several files: export it as one")
        }
        let compression = files[0].attributes["compression"] ?? ""
        guard compression.isEmpty || compression == "identity" else {
            throw RucheError(.unsupported, "the appliance's disk is packed with \(compression.prefix(40)): unpack it")
        }
        file = name
    }
}
