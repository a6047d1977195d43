import ArgumentParser

struct Job: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Look at and steer jobs.",
        discussion: """
            Examples:
              ruche job list
              ruche job logs --follow 01hxyzabcdefghjkmnpqrstvwx
              ruche job cancel 01hxyzabcdefghjkmnpqrstvwx
            """,
        subcommands: [
            JobList.self, JobShow.self, JobLogs.self, JobStats.self, JobPause.self, JobResume.self, JobCancel.self,
            JobPriority.self,
            JobRerun.self, JobOutputs.self, JobRemove.self,
        ],
        aliases: ["jobs"])
}
