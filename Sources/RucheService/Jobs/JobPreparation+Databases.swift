import RucheCore
import RucheHost
import SystemPackage

extension JobPreparation {
    /// The folder of databases that a job names, or each reference database that it asks for; all to be read only.
    func databaseMounts(_ job: JobRecord) -> [SandboxSpec.Mount] {
        let place = package.contract.databases
        if let folder = job.databases {
            return [SandboxSpec.Mount(source: FilePath(folder), destination: place, readOnly: true)]
        }
        return (job.references ?? []).map { database in
            SandboxSpec.Mount(
                source: ReferenceDatabaseService.folder(configuration.data, database.name, database.version),
                destination: "\(place)/\(database.name)/\(database.version)", readOnly: true)
        }
    }
}
