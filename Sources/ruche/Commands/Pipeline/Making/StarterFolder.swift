import RucheCore
import RucheHost
import RucheWorkbench
import SystemPackage

/// The files a pipeline begins with: a recipe, a form, documents and a script that runs as it is.
struct StarterFolder: Sendable {
    let record: WorkbenchRecord
    let folder: FilePath

    /// Writes all of them at once; false when the folder is there already.
    func write() throws -> Bool {
        guard !FileTree.exists(folder) else { return false }
        let parent = folder.removingLastComponent()
        guard FileTree.isFolder(parent) else {
            throw RucheError(.notFound, "there is no folder \(parent) for the files of the pipeline")
        }
        let temporary = try TemporaryDirectory.make(in: parent, prefix: ".\(folder.lastComponent?.string ?? "new")")
        do {
            try FileTree.makeFolder(temporary.appending("job"))
            for (path, text) in files {
                let permissions = FilePermissions(rawValue: path.hasSuffix(".sh") ? 0o755 : 0o644)
                try AtomicFile.write(
                    Array(text.utf8), to: temporary.pushing(FilePath(path)), permissions: permissions, durable: false)
            }
            try FileTree.setMode(temporary, 0o755)
            try DurableTree.moveWithoutReplacing(temporary, to: folder)
        } catch {
            try FileTree.remove(temporary)
            throw error
        }
        return true
    }

    private var files: [(String, String)] {
        [
            ("ruche.yaml", recipe), ("form.json", Self.form), ("job/run.sh", script), ("README", readme),
            ("LICENSE", "Write here on what terms others may use this pipeline.\n"),
        ]
    }

    private var recipe: String {
        let isPath = ["tar:", "oci:", "docker-archive:"].contains { record.from.hasPrefix($0) }
        let folders = record.folders
        return """
            ruche: 1
            name: local/\(record.name)
            version: 0.1.0
            summary: What this pipeline does, in a line
            # authors: [{name: Ada Example, email: ada@example.org}]
            # license: GPL-3.0-or-later
            from: \(isPath ? "debian:bookworm" : record.from)
            steps:
              - copy: {from: job/, to: \(folders.job), mode: "0755"}
            pipeline:
              job: \(folders.job)/run.sh
              inputs: \(folders.inputs)
              outputs: \(folders.outputs)
              logs: \(folders.logs)
              databases: \(folders.databases)
              form: form.json

            """
    }

    private static let form = """
        {
          "$schema": "http://json-schema.org/draft-03/schema#",
          "type": "object",
          "properties": {
            "title": {
              "title": "Title",
              "description": "The first line of the report.",
              "type": "string",
              "default": "Report"
            }
          }
        }

        """

    private var script: String {
        """
        #!/bin/sh
        # Counts the lines of each input. Reads \(record.folders.inputs) (read-only), writes \(record.folders.outputs).
        set -eu
        inputs=\(record.folders.inputs)
        outputs=\(record.folders.outputs)

        # The values of the form are in config.json; a real pipeline would ask jq: jq -r .job.title
        title=$(tr ',{}' '\\n\\n\\n' <"$inputs/config.json" | sed -n 's/^ *"title" *: *"\\(.*\\)" *$/\\1/p' | head -n 1)

        total=0
        for file in "$inputs"/*; do [ "$file" = "$inputs/config.json" ] || total=$((total + 1)); done
        echo "${title:-Report}" >"$outputs/report.txt"
        done=0
        for file in "$inputs"/*; do
          [ "$file" != "$inputs/config.json" ] || continue
          [ -f "$file" ] || continue
          echo "$(basename "$file") $(wc -l <"$file")" >>"$outputs/report.txt"
          done=$((done + 1))
          # A line like this one is the progress that people see.
          part=$((done * 100 / total))
          printf '::ruche::progress %d.%02d %s\\n' $((part / 100)) $((part % 100)) "$(basename "$file")"
        done

        """
    }

    private var readme: String {
        """
        \(record.name)

        ruche.yaml   what the pipeline is: name, version, folders, job
        form.json    the values a user may set
        job/         what runs in the container

          ruche pipeline push \(record.name) \(folder.lastComponent?.string ?? record.name)/job/* \(record.folders.job)/
          ruche pipeline test \(record.name) --input FILE
          ruche pipeline clean \(record.name)
          ruche pipeline publish \(record.name) local/\(record.name):0.1.0

        """
    }
}
