import RucheCore
import RucheHost
import SystemPackage

extension DockerEngine {
    /// Takes a container's output to its console log from now on; a second call does nothing.
    func follow(_ id: String, _ container: DockerAPI.Inspect) {
        guard followers[id] == nil, let scratch = container.Config.Labels?[DockerLabel.scratch] else { return }
        let follower = DockerLogFollower(
            client: client, container: container.Id, scratch: FilePath(scratch),
            // No more than the daemon has still from its beginning, where a follower begins again.
            limit: min(context.consoleLogLimit.bytes, 1 << 30),
            mayHang: knownQuirks?.losesEnds ?? true, rereads: knownQuirks?.endsLogsEarly ?? true)
        followers[id] = Task { await follower.run() }
    }

    /// Returns when all that an ended container wrote is in its console log.
    func drain(_ id: String, _ container: DockerAPI.Inspect) async {
        follow(id, container)
        await followers[id]?.value
    }
}
