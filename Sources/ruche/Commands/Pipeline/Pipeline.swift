import ArgumentParser

struct Pipeline: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Check, install and look at pipelines and their packages.",
        discussion: """
            A package is an LXD image with a "pirus" block, an archive with manifest.json and an LXD image or a \
            Dockerfile, or a release as an OCI archive.

            Examples:
              ruche pipeline check MyPipeline_v1.0.zip
              ruche pipeline check MyPipeline/ --json
            """,
        subcommands: [PipelineCheck.self], aliases: ["pipelines"])
}
