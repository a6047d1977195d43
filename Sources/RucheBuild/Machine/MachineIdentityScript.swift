/// At each start a machine learns what it is called and where it is reached, and tells its services.
enum MachineIdentityScript {
    /// `/etc/ruche/identity` holds `RUCHE_NAME`, `RUCHE_ADDRESS` and `RUCHE_URL`, as lines a shell and systemd read;
    /// programs in `/etc/ruche/identity.d` are run with them when one has changed.
    static let text =
        MachineScript.file(
            "/usr/lib/ruche/identity",
            [
                "#!/bin/sh",
                "# Writes /etc/ruche/identity, and runs /etc/ruche/identity.d when it has changed.",
                "set -eu",
                "name=$(hostname)",
                "address=$(ip -o route get 192.0.2.1 2>/dev/null | sed -n 's/.* src \\([^ ]*\\).*/\\1/p')",
                "[ -n \"$address\" ] || address=$(ip -o addr show scope global | sed -n 's/.* inet6* \\([^/ ]*\\).*/\\1/p' | head -n 1)",
                "url=",
                "credential=/run/credentials/@system/ruche.url",
                "[ -r \"$credential\" ] && url=$(cat \"$credential\")",
                "if [ -z \"$url\" ] && [ -r /run/cloud-init/instance-data.json ]; then",
                "    for key in ds.meta_data.ruche.url ds.meta_data.meta.ruche_url; do",
                "        url=$(cloud-init query \"$key\" 2>/dev/null) && break",
                "        url=",
                "    done",
                "fi",
                "[ -n \"$url\" ] || [ -z \"$address\" ] || url=http://$address",
                "case \"$name$address$url\" in *[!A-Za-z0-9:/.,_?=%+@~[\\]-]*) echo \"an identity with odd characters\" >&2; exit 1 ;; esac",
                "umask 022",
                "mkdir -p /etc/ruche/identity.d",
                "printf 'RUCHE_NAME=%s\\nRUCHE_ADDRESS=%s\\nRUCHE_URL=%s\\n' \"$name\" \"$address\" \"$url\" >/etc/ruche/identity.new",
                "if cmp -s /etc/ruche/identity.new /etc/ruche/identity; then rm /etc/ruche/identity.new; exit 0; fi",
                "mv /etc/ruche/identity.new /etc/ruche/identity",
                "export RUCHE_NAME=\"$name\" RUCHE_ADDRESS=\"$address\" RUCHE_URL=\"$url\"",
                "exec run-parts /etc/ruche/identity.d",
            ]) + "chmod 755 /usr/lib/ruche/identity\nmkdir -p /etc/ruche/identity.d\n"
        + MachineScript.file(
            "/etc/systemd/system/ruche-identity.service",
            [
                "[Unit]", "Description=Name and address of this machine",
                "After=network-online.target cloud-init.service", "Wants=network-online.target", "",
                "[Service]", "Type=oneshot", "RemainAfterExit=yes", "ExecStart=/usr/lib/ruche/identity", "",
                "[Install]",
                "WantedBy=multi-user.target",
            ]) + "systemctl enable ruche-identity.service systemd-networkd-wait-online.service\n"
}
