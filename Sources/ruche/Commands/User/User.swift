import ArgumentParser

struct User: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Look at users, and add and change them.",
        discussion: """
            Without a server, or on its machine's private socket, nobody has to log in: that is how the first \
            administrator is made. There is no password that anybody else knows.

            Examples:
              ruche user add ada --site-role admin --password-stdin <password.txt
              ruche user list
              ruche user disable ada
            """,
        subcommands: [
            UserAdd.self, UserList.self, UserShow.self, UserPassword.self, UserChangeState.self, UserRemove.self,
        ],
        aliases: ["users"])
}
