import RucheBuild
import RucheEngines
import RucheHost
import RucheImages
import RucheStore

extension Services {
    static func instances(
        _ configuration: ServicesConfiguration, _ stores: Stores, _ database: SQLiteDatabase,
        _ events: DatabaseEventLog, _ registry: EngineRegistry, _ runner: any CommandRunning
    ) -> InstanceService {
        let content = stores.content
        let containers: [any InstanceEngine] = registry.engines.compactMap { ContainerInstanceEngine($0) }
        var instances = InstanceServiceConfiguration(
            data: configuration.data, database: database, events: events, releases: stores.releases,
            content: content, layers: stores.layers,
            engines: [QEMUEngine(runner: runner)] + registry.machines + containers, runner: runner,
            logger: configuration.logger
        ) { try content.lease() }
        instances.architecture = configuration.builder.architecture
        instances.hostName = configuration.instanceHost
        return InstanceService(configuration: instances)
    }
}
