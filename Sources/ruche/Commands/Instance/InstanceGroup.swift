import ArgumentParser

struct InstanceGroup: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "instance",
        abstract: "Look at and steer what \"ruche up\" started.",
        discussion: """
            An instance is named by its name, by OWNER/NAME, or by its identifier.

            Examples:
              ruche instance list
              ruche instance ssh hub -- uptime
              ruche instance snapshot hub before-upgrade
              ruche instance stop hub
            """,
        subcommands: [
            InstanceList.self, InstanceShow.self, InstanceConsole.self, InstanceSSH.self, InstanceLogs.self,
            InstanceStop.self, InstanceStart.self, InstanceTakeSnapshot.self, InstanceRestore.self,
            InstanceDestroy.self,
        ],
        aliases: ["instances"])
}
