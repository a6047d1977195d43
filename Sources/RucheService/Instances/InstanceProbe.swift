import RucheCore
import RucheEngines
import RucheHost
import SystemPackage

/// One look at an instance that is being started. Everything is asked from outside, through its ports and its console.
struct InstanceProbe: Sendable {
    struct Found: Hashable, Sendable {
        var note: String?
        /// Who one can log in as.
        var user: String?
    }

    let record: InstanceRecord
    let folder: InstanceFolder
    let runner: any CommandRunning
    /// How long one look may take.
    let patience: Duration
    /// Whether it has run for a second.
    let hasStayed: Bool

    /// What a command in the guest says when there is no cloud-init.
    private static let noCloudInit = 42

    /// What was found; nil when it is not there yet.
    func look(for kind: InstanceStage.Kind) async -> Found? {
        switch kind {
        case .console: isThere ? Found() : nil
        case .cloudInit: await cloudInit()
        case .ssh: await login().map { Found(user: $0) }
        case .health: await health()
        }
    }

    private var isThere: Bool {
        let console = InstanceConsole(record, folder)
        guard record.isContainer else { return console.size > news }
        let speaks = console.size > 0
        // Its log has what it said after earlier starts as well, and without a check of its health nothing else shows
        // that it can work.
        return hasStayed || (record.health != nil && record.starts == 1 && speaks)
    }

    /// Where on a machine's console this start begins.
    private var news: Int64 { InstanceConsole(record, folder).news(since: record.consoleStart ?? 0) }

    // MARK: cloud-init

    private func cloudInit() async -> Found? {
        if isFinishedOnConsole { return Found() }
        // Images that keep it from the console are asked.
        guard record.ssh, let user = await login() else { return nil }
        let question =
            "command -v cloud-init >/dev/null || exit \(Self.noCloudInit); cloud-init status --wait >/dev/null"
        guard let result = await run(question, as: user, patience) else { return nil }
        switch result.status.shellCode {
        case 0: return Found(user: user)
        case Self.noCloudInit: return Found(note: "the image has none", user: user)
        case 255: return nil
        default: return Found(note: "it reports errors: see /var/log/cloud-init.log", user: user)
        }
    }

    private var isFinishedOnConsole: Bool {
        // Nothing is there before it wrote something.
        guard let bytes = try? ConsoleTail.bytes(folder.console, most: 1 << 20, from: news) else { return false }
        let text = String(decoding: bytes, as: UTF8.self)
        // Of the last boot of this start: an earlier one has told the same.
        let boot = text.ranges(of: "Linux version ").last.map { text[$0.lowerBound...] } ?? text[...]
        return boot.contains(#/Cloud-init v\. [^\n]* finished at/#)
    }

    // MARK: Logging in

    /// Who can log in; nil while nobody can.
    private func login() async -> String? {
        guard let port = record.localPort(of: InstanceRecord.sshPort),
            let greeting = await LocalPort.greeting(port, timeout: .seconds(5)),
            greeting.starts(with: Array("SSH-".utf8))
        else { return nil }
        // An image without cloud-init may have taken the key for its root.
        let user = record.user ?? "root"
        for user in user == "root" ? [user] : [user, "root"] {
            if let result = await run("true", as: user, .seconds(90)), result.status.isSuccess { return user }
        }
        return nil
    }

    /// Nil when it did not come to an end in time.
    private func run(_ command: String, as user: String, _ limit: Duration) async -> CommandResult? {
        guard let port = record.localPort(of: InstanceRecord.sshPort) else { return nil }
        let shell = SecureShell(
            folder: folder.root.string, alias: SecureShell.alias(record.id), port: port, user: user)
        let arguments = shell.arguments(
            isPinned: record.cloudInit == true, options: ["-o", "BatchMode=yes", "-n"], command: [command])
        return await withTaskGroup(of: CommandResult?.self) { group in
            group.addTask { try? await runner.run(Command(Tool.ssh.name, arguments), onLine: nil) }
            group.addTask {
                try? await Task.sleep(for: limit)
                return nil
            }
            let first = await group.next() ?? nil
            group.cancelAll()
            return first
        }
    }

    // MARK: Health

    private func health() async -> Found? {
        guard let health = record.health, let port = record.localPort(of: health.port),
            let status = await HealthRequest.status(port: port, path: health.http), (200..<400).contains(status)
        else { return nil }
        return Found(note: "\(health.http) answers \(status)")
    }
}
