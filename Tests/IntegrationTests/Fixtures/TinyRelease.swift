import Foundation
import RucheCore
import RucheHost
import RucheImages
import Support
import SystemPackage

extension RucheFixture {
    /// A release whose disk is a guest of one sector, put into the data directory before anything serves it.
    func publishTinyGuest(ssh: Bool = false, cloudInit: Bool = false) async throws -> String {
        let store = try FileContentStore(folder: data.appending("content"))
        let releases = try FileReleaseStore(folder: data.appending("content/refs"), store: store)
        let file = folder.appending("disk.raw")
        try TinyGuest.write(file, saysMore: cloudInit ? "Cloud-init v. 0 finished at once\r\n" : "")
        let blob = try await store.ingest(file)
        guard let name = EnvironmentName("lab/tiny"), let version = ReleaseVersion("1.0") else { return "" }
        var recipe = Recipe(name: name, version: version, from: .debian(suite: "bookworm"))
        var machine = MachineContract()
        (machine.cloudInit, machine.ssh, machine.memory) = (cloudInit, ssh, ByteCount(64 << 20))
        recipe.machine = machine
        let assembler = ReleaseAssembler(store: store)
        let disk = try await DiskVariant(
            format: .raw, architecture: "amd64", blob: blob.digest, size: blob.size.bytes, capacity: blob.size.bytes
        ).store(with: assembler)
        let (descriptor, index) = try await assembler.index(
            name: name, version: version, manifests: [disk],
            annotations: ["vnd.ruche.recipe": String(decoding: try JSONEncoder().encode(recipe), as: UTF8.self)])
        try await releases.publish(
            Release(
                name: name, version: version, digest: descriptor.digest, index: index, referrers: [], publishedAt: 0))
        return "\(name):\(version)"
    }
}
