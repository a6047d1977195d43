import RucheBuild
import RucheCore
import RucheHost
import RucheImages
import Support
import SystemPackage
import Testing

@testable import RucheService

/// Exports of releases by the service's own formats.
@Suite struct ReleaseExportTests {
    @Test func aRecipeThatCannotBeReadKeepsOnlyAppliancesBack() async throws {
        try await Scratch.with { folder in
            let site = try CatalogueSite(folder)
            let assembler = ReleaseAssembler(store: site.content)
            let image = try await assembler.image(
                layers: [], config: ImageConfig(architecture: "amd64", rootfs: .init(diffIDs: [])))
            let name = try #require(EnvironmentName("lab/tool"))
            let version = try #require(ReleaseVersion("1.0"))
            let (descriptor, index) = try await assembler.index(
                name: name, version: version, manifests: [image], annotations: [ReleaseAnnotation.recipe: "{}"])
            let release = Release(
                name: name, version: version, digest: descriptor.digest, index: index, referrers: [], publishedAt: 1)
            let tools = ImageTools.formats(
                content: site.content,
                layers: try FileLayerCache(folder: folder.appending("layers"), store: site.content),
                releases: site.releases, architecture: "amd64", runner: SystemCommandRunner())
            let archive = folder.appending("image.tar")
            try await tools.export(release, .ociArchive, nil, archive)
            #expect(try ImageTools.format(of: archive) == .ociArchive)
            let error = await #expect(throws: RucheError.self) {
                try await tools.export(release, .ova, nil, folder.appending("image.ova"))
            }
            #expect(
                error?.code == .corruptContent && error?.message.contains("lab/tool:1.0") == true, "\(error as Any)")
        }
    }
}
