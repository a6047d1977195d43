import ArgumentParser

struct Pipeline: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Make, check, install and look at pipelines and their packages.",
        discussion: """
            A package is an LXD image with a "pirus" block, an archive with manifest.json and an LXD image or a \
            Dockerfile, or a release as an OCI archive.

            Examples:
              ruche pipeline check MyPipeline_v1.0.zip
              ruche pipeline install MyPipeline_v1.0.zip --owner lab
              ruche pipeline show lab/mypipeline
              ruche run lab/mypipeline --input sample.bam
            """,
        subcommands: packages + making, aliases: ["pipelines"])

    private static let packages: [any ParsableCommand.Type] = [
        PipelineCheck.self, PipelineInstall.self, PipelineList.self, PipelineShow.self, PipelineForm.self,
        PipelineDocuments.self, PipelineRemove.self, PipelineMigrate.self,
    ]
    /// The way from an empty container to a package.
    private static let making: [any ParsableCommand.Type] = [
        PipelineNew.self, PipelineShell.self, PipelinePush.self, PipelinePull.self, PipelineTest.self,
        PipelineClean.self, PipelinePublish.self, PipelinePack.self, PipelineWorkbenches.self, PipelineDiscard.self,
    ]
}
