import ArgumentParser
import RucheWorkbench

/// Where a pipeline has its folders.
struct PipelineFolderOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Where its programs are.", valueName: "path"))
    var job: String = PipelineFolders().job

    @Option(help: ArgumentHelp("Where it reads.", valueName: "path"))
    var inputs: String = PipelineFolders().inputs

    @Option(help: ArgumentHelp("Where it writes.", valueName: "path"))
    var outputs: String = PipelineFolders().outputs

    @Option(help: ArgumentHelp("Where it logs.", valueName: "path"))
    var logs: String = PipelineFolders().logs

    @Option(help: ArgumentHelp("Where reference databases are.", valueName: "path"))
    var databases: String = PipelineFolders().databases

    var value: PipelineFolders {
        var folders = PipelineFolders()
        (folders.job, folders.inputs, folders.outputs) = (job, inputs, outputs)
        (folders.logs, folders.databases) = (logs, databases)
        return folders
    }
}
