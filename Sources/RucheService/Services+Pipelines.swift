import RucheBuild
import RucheHost
import RucheImages

extension Services {
    static func pipelines(
        _ configuration: ServicesConfiguration, _ content: FileContentStore, _ layers: FileLayerCache,
        _ catalogue: CatalogueService, _ operations: OperationService, _ runner: any CommandRunning
    ) -> PipelineService {
        let settings = configuration.dockerfiles
        let builder: any DockerfileBuilding =
            switch settings.kind {
            case .buildah: BuildahBuilder(settings, runner: runner)
            case .docker: DockerBuilder(settings, runner: runner)
            }
        let installer = PackageInstaller(
            content: content, importer: ImageImporter(store: content, cache: layers), builder: builder,
            architecture: configuration.builder.architecture, lease: { try content.lease() })
        return PipelineService(
            catalogue: catalogue, installer: installer, operations: operations, data: configuration.data)
    }
}
