import RucheCore
import RucheHost
import SystemPackage
import Testing

/// A folder as the original's: Packer's template, a Vagrantfile, roles of Ansible, codemeta.json.
@Suite struct ProjectImportTests {
    private func project(_ fixture: RucheFixture) throws {
        for (name, text) in Self.files { try fixture.write("JupyterHub VM/\(name)", text) }
    }

    private static let files = [
        (
            "box-config.json",
            """
            {
              "variables": {"iso": "http://cdimage.ubuntu.com/ubuntu/releases/18.04/release/ubuntu-18.04.6-server-amd64.iso"},
              "builders": [{
                "type": "virtualbox-iso",
                "iso_urls": ["{{user `iso`}}"],
                "boot_command": ["<esc>"],
                "http_directory": "http",
                "disk_size": 18432,
                "vboxmanage": [["modifyvm", "{{.Name}}", "--memory", "2048"], ["modifyvm", "{{.Name}}", "--cpus", "2"]]
              }],
              "provisioners": [{
                "type": "shell", "script": "scripts/setup.sh", "environment_vars": ["HOME_DIR=/home/vagrant"],
                "execute_command": "sudo {{.Path}}"
              }],
              "post-processors": ["vagrant"]
            }
            """
        ),
        (
            "Vagrantfile",
            """
            Vagrant.configure("2") do |config|

              config.vm.box = file://builds/virtualbox-ubuntu1804.box
              config.vm.hostname = jupyterhub
              config.vm.network "private_network", type: "dhcp"
              config.vm.network "forwarded_port", guest: 8000, host: 8000  # the hub
              config.ssh.insert_key = false
              config.vm.synced_folder ".", "/vagrant", type: "virtualbox"
              config.vm.provision "ansible_local" do |ansible|
                ansible.playbook = "ansible/playbook.yml"
                ansible.install = true
                ansible.limit = 'all'
              end
              config.vm.provision "shell", inline: <<-SHELL
                echo one
                echo two
              SHELL
              config.vm.provision "shell", path: "scripts/cleanup.sh"
              config.vm.provision "shell", path: "scripts/gone.sh"
            end
            """
        ),
        (
            "scripts/setup.sh",
            "#!/bin/bash\n"
        ),
        (
            "scripts/cleanup.sh",
            "#!/bin/bash\n"
        ),
        (
            "ansible/playbook.yml",
            "- hosts: all\n  roles: [server]\n"
        ),
        (
            "ansible/roles/server/tasks/main.yml",
            "- command: true\n"
        ),
        (
            "codemeta.json",
            """
            {"@context": "https://doi.org/10.5063/schema/codemeta-2.0", "@type": "SoftwareSourceCode",
             "name": "jupyterhub-vm", "version": "v1.2", "description": "JupyterHub: in\\n a machine",
             "license": "https://spdx.org/licenses/GPL-3.0-or-later", "keywords": ["jupyter", "R"],
             "author": [{"@type": "Person", "@id": "https://orcid.org/0000-0002-1825-0097", "givenName": "Ada",
                         "familyName": "Example", "email": "ada@example.org"}],
             "codeRepository": "https://example.org/jupyterhub-vm", "developmentStatus": "active"}
            """
        ),
    ]

    @Test func draftsARecipeThatIsRight() async throws {
        try await RucheFixture.with { fixture in
            try project(fixture)
            let result = try await fixture.ruche("import", "project", "JupyterHub VM")
            try await fixture.ruche("check", "JupyterHub VM")
            let (document, _, _) = try RecipeFolder.load(fixture.folder.appending("JupyterHub VM"))
            let recipe = document.recipe
            #expect("\(recipe.name):\(recipe.version)" == "lab/jupyterhub-vm:1.2")
            #expect(recipe.summary == "JupyterHub: in a machine" && recipe.license == "GPL-3.0-or-later")
            #expect(recipe.authors.map(\.orcid) == ["0000-0002-1825-0097"])
            #expect(recipe.machine?.disk == ByteCount(18 << 30) && recipe.machine?.memory == ByteCount(2 << 30))
            #expect(recipe.machine?.cpus == 2 && recipe.service?.ports == [8000])
            #expect(recipe.steps.map(\.kind) == ["shell", "apt", "ansible", "shell", "shell"])
            #expect(recipe.variants == [.vagrantVirtualBox])
            for place in [
                "box-config.json:5: iso_url", "box-config.json:6: boot_command", "box-config.json:7: http_directory",
                "Vagrantfile:3: vm.box", "Vagrantfile:4: config.vm.hostname", "Vagrantfile:7: config.ssh.insert_key",
                "Vagrantfile:8: config.vm.synced_folder", "Vagrantfile:19: scripts/gone.sh",
                "codemeta.json:6: developmentStatus",
            ] {
                #expect(result.errorTail.contains(place), "\(place)\n\(result.errorTail)")
            }
            // What somebody has written stays.
            try await fixture.ruche("import", "project", "JupyterHub VM", code: 4)
        }
    }

    /// Packer's builder of files stands for one that needs a hypervisor and an ISO.
    @Test func takesTheDiskThatATemplateMakes() async throws {
        try await RucheFixture.with { fixture in
            let disk = fixture.folder.appending("t/disk.qcow2")
            try fixture.write(
                "t/template.json",
                """
                {"variables": {"to": "made.qcow2"},
                 "builders": [{"name": "one", "type": "file", "source": "disk.qcow2", "target": "{{user `to`}}"},
                              {"name": "two", "type": "file", "source": "disk.qcow2", "target": "two.qcow2"}]}
                """)
            try await fixture.tool("qemu-img", "create", "-q", "-f", "qcow2", disk.string, "8M")
            let arguments = ["import", "packer", "t/template.json", "--as", "lab/base:1.0.0"]
            let both = try await fixture.runner.run(fixture.command(arguments), onLine: nil)
            #expect(both.status.shellCode == 2 && both.errorTail.contains("2 disks"))
            let one = try await fixture.runner.run(
                fixture.command(arguments + ["--only", "one", "--var", "to=named.qcow2"]), onLine: nil)
            #expect(one.status.isSuccess, "\(one.errorTail)")
            #expect(one.output.contains("disk of 8.0 MiB") || one.output.contains("disk of 8 MiB"))
            #expect(FileTree.exists(fixture.folder.appending("t/named.qcow2")))
            try fixture.write("values.json", "{\"to\": \"filed.qcow2\"}")
            let filed = try await fixture.runner.run(
                fixture.command(arguments + ["--only", "one", "--var-file", "values.json"]), onLine: nil)
            #expect(filed.status.isSuccess, "\(filed.errorTail)")
            #expect(FileTree.exists(fixture.folder.appending("t/filed.qcow2")))
            let gone = try await fixture.runner.run(
                fixture.command(arguments + ["--var-file", "gone.json"]), onLine: nil)
            #expect(gone.status.shellCode == 3 && gone.errorTail.contains("gone.json"), "\(gone.errorTail)")
            try fixture.write("t/template.json", "{\"builders\": [{\"type\": \"none\"}]}")
            let bad = try await fixture.runner.run(fixture.command(arguments), onLine: nil)
            #expect(bad.status.shellCode == 5, "\(bad.errorTail)")
        }
    }

    @Test func saysThatThereIsNothingToDraftFrom() async throws {
        try await RucheFixture.with { fixture in
            try fixture.write("empty/notes.json", "{}")
            try await fixture.ruche("import", "project", "empty", code: 3)
            #expect(try FileTree.names(in: fixture.folder.appending("empty")) == ["notes.json"])
        }
    }
}
