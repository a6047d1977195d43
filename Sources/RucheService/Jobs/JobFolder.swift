package import RucheCore
package import SystemPackage

/// Where the parts of one job are: `<data>/jobs/<id>`.
package struct JobFolder: Hashable, Sendable {
    package let root: FilePath

    package init(data: FilePath, id: Identifier) {
        root = data.appending("jobs").appending(id.description)
    }

    package var inputs: FilePath { root.appending("inputs") }
    package var outputs: FilePath { root.appending("outputs") }
    package var logs: FilePath { root.appending("logs") }
    /// The container's own; goes with finalization.
    package var scratch: FilePath { root.appending("scratch") }
    package var token: FilePath { root.appending("token") }
    /// What curl in the container reads first: the way to the notify URL.
    package var curl: FilePath { root.appending("curlrc") }
    package var record: FilePath { root.appending("run.json") }
    package var configuration: FilePath { inputs.appending(FileName.reserved) }
    /// What a failed attempt left: `outputs`, `logs`, `console.log`.
    package func attempt(_ number: Int) -> FilePath { root.appending("attempts").appending(String(number)) }
    /// The console log while the container exists, and where it is kept afterwards.
    package var liveConsole: FilePath { scratch.appending("console.log") }
    package var console: FilePath { root.appending("console.log") }
}
