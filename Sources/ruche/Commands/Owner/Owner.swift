import ArgumentParser

struct Owner: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Look at owners, and say who has which role with them.",
        discussion: """
            An owner is a person or an organisation. Jobs, files and releases belong to one, and its members may do \
            with them what their role allows: a reader looks, a runner starts jobs, a publisher makes releases, an \
            admin gives roles.

            Examples:
              ruche owner add lab
              ruche owner member lab ada --role runner
              ruche owner show lab
            """,
        subcommands: [
            OwnerAdd.self, OwnerList.self, OwnerShow.self, OwnerMember.self, OwnerQuota.self, OwnerRemove.self,
        ],
        aliases: ["owners"])
}
