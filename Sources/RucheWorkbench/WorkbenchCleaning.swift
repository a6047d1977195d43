import RucheCore
import RucheHost

/// Removes from a workbench what a package must not carry: sample files, caches, identities, histories.
package struct WorkbenchCleaning: Sendable {
    /// One place that held something.
    package struct Finding: Hashable, Sendable, Codable {
        package var path: String
        package var files: Int
        package var bytes: Int64
    }

    package let workbench: any Workbench

    package init(_ workbench: any Workbench) { self.workbench = workbench }

    /// Folders to empty besides those of the contract.
    private static let folders = [
        "/tmp", "/var/tmp", "/var/cache/apt/archives", "/var/lib/apt/lists", "/var/log", "/root/.cache",
        "/root/.local/share/Trash",
    ]

    /// Files to remove; one that must exist is emptied instead.
    private static let script = #"""
        dry=$1; shift
        sum() { s=0; while read -r _ _ _ _ n _; do s=$((s+n)); done; echo "$s"; }
        tell() { printf '%s\t%s\t%s\n' "$1" "$2" "$3"; }
        for d in "$@"; do
          [ -d "$d" ] && [ ! -L "$d" ] || continue
          count=$(find "$d" ! -type d | wc -l)
          inside=$(find "$d" | wc -l)
          [ "$inside" -gt 1 ] || continue
          tell "$(find "$d" -type f -exec ls -ln {} + | sum)" "$count" "$d"
          [ "$dry" = yes ] || for e in "$d"/* "$d"/.[!.]* "$d"/..?*; do
            [ ! -e "$e" ] && [ ! -L "$e" ] || rm -rf -- "$e" || exit 1
          done
        done
        for f in /var/cache/apt/*.bin /var/cache/debconf/*-old /root/.*_history /home/*/.*_history /root/.lesshst \
            /root/.viminfo /root/.wget-hsts /home/*/.viminfo /home/*/.lesshst /etc/ssh/ssh_host_*_key* \
            /var/lib/dbus/machine-id /var/lib/systemd/random-seed; do
          [ -f "$f" ] || [ -L "$f" ] || continue
          tell "$(ls -ln "$f" | sum)" 1 "$f"
          [ "$dry" = yes ] || rm -f -- "$f" || exit 1
        done
        if [ -s /etc/machine-id ] && [ ! -L /etc/machine-id ]; then
          tell "$(ls -ln /etc/machine-id | sum)" 1 /etc/machine-id
          [ "$dry" = yes ] || : > /etc/machine-id || exit 1
        fi
        """#

    /// What was removed, or with `dryRun` would be.
    package func run(dryRun: Bool) async throws -> [Finding] {
        try await workbench.requireIdle()
        let contract = workbench.record.folders
        let folders = [contract.inputs, contract.outputs, contract.logs] + Self.folders
        let lines = KeptLines()
        let errors = KeptLines()
        let command = WorkbenchCommand(
            ["/bin/sh", "-c", Self.script, "sh", dryRun ? "yes" : "no"] + folders,
            .lines {
                $0.stream == .stdout ? lines.add($0.text) : errors.add($0.text)
            })
        let status = try await workbench.run(command)
        guard status.isSuccess else {
            throw RucheError(
                .internalError,
                "the workbench \(workbench.record.name) could not be cleaned: \(errors.text.suffix(400))")
        }
        return lines.all.compactMap(Self.parse)
    }

    private static func parse(_ line: String) -> Finding? {
        let fields = line.split(separator: "\t", maxSplits: 2)
        guard fields.count == 3, let bytes = Int64(fields[0]), let files = Int(fields[1]) else { return nil }
        return Finding(path: String(fields[2]), files: files, bytes: bytes)
    }
}
