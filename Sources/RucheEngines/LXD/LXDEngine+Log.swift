import RucheCore
import RucheHost

extension LXDEngine {
    /// Takes a container's output to its console log from now on; a second call does nothing.
    func follow(_ id: String, _ folder: LXDFolder) {
        guard followers[id] == nil else { return }
        let limit = context.consoleLogLimit.bytes
        followers[id] = Task.detached {
            var log = LXDLog(folder, limit: limit)
            var pause = Duration.milliseconds(10)
            while !Task.isCancelled {
                do {
                    let isNew = try await log.take()
                    pause = isNew ? .milliseconds(10) : min(pause * 2, .milliseconds(80))
                } catch {
                    pause = .seconds(1)  // no disk: the container goes on without its log
                }
                do { try await Task.sleep(for: pause) } catch { return }
            }
        }
    }

    /// Returns when all that an ended container wrote is in its console log.
    func drain(_ id: String, _ folder: LXDFolder) async {
        followers[id]?.cancel()
        await followers[id]?.value
        var log = LXDLog(folder, limit: context.consoleLogLimit.bytes)
        _ = try? await log.take()  // no disk, or deleted meanwhile: the end is still to be told
    }
}
