import RucheBuild
import RucheEngines
import RucheHost
import RucheImages
import RucheStore

extension Services {
    static func instances(
        _ configuration: ServicesConfiguration, _ content: FileContentStore, _ releases: FileReleaseStore,
        _ database: SQLiteDatabase, _ events: DatabaseEventLog, _ runner: any CommandRunning
    ) -> InstanceService {
        var instances = InstanceServiceConfiguration(
            data: configuration.data, database: database, events: events, releases: releases, content: content,
            engines: [QEMUEngine(runner: runner)], runner: runner, logger: configuration.logger
        ) { try content.lease() }
        instances.architecture = configuration.builder.architecture
        instances.hostName = configuration.instanceHost
        return InstanceService(configuration: instances)
    }
}
