import RucheCore
import Testing

struct EngineSettingsTests {
    @Test func readsEveryKind() throws {
        let text = """
            slots: 3
            engines:
              - kind: docker
                slots: 4
              - {name: far, kind: docker, address: "build.example.org:2376", authority: /etc/ca.pem, certificate: /etc/c.pem, key: /etc/k.pem}
              - {kind: podman, socket: /run/podman/podman.sock}
              - {kind: lxd, project: lab, pool: fast, profiles: [default, gpu], target: node1}
              - {name: own, kind: external, command: [python3, /opt/own.py], environment: {A: b}}
              - {kind: libvirt, uri: "qemu:///session"}
            """
        let (engines, problems) = EngineSettingsParser.parse(text, file: "ruche.yaml")
        #expect(problems == [])
        #expect(engines.map(\.name) == ["docker", "far", "podman", "lxd", "own", "libvirt"])
        #expect(engines[0].integer("slots") == 4)
        #expect(engines[1].text("key") == "/etc/k.pem")
        #expect(engines[4].list("command") == ["python3", "/opt/own.py"])
        #expect(engines[4].map("environment") == ["A": "b"])
        #expect(engines[5].text("uri") == "qemu:///session")
    }

    @Test(
        arguments: [
            ("- {kind: dokcer}", 2, "engines[0].kind"),
            ("- {kind: docker, sokcet: /x}", 2, "engines[0].sokcet"),
            ("- {kind: docker, socket: relative}", 2, "engines[0].socket"),
            ("- {kind: docker, address: nowhere}", 2, "engines[0].address"),
            ("- {kind: docker, key: /k}", 2, "engines[0].key"),
            ("- {kind: docker, socket: /s, address: \"h:1\"}", 2, "engines[0].address"),
            ("- {kind: lxd, address: \"h:1\", certificate: /c, key: /k}", 2, "engines[0].address"),
            ("- {kind: lxd, address: \"h:1\", authority: /a}", 2, "engines[0].address"),
            ("- {kind: lxd, profiles: default}", 2, "engines[0].profiles"),
            ("- {kind: external}", 2, "engines[0].command"),
            ("- {name: x}", 2, "engines[0].kind"),
            ("- {kind: docker}\n  - {kind: docker}", 2, "engines"),
            ("- {kind: docker, name: oci-runtime}", 2, "engines"),
            ("- {kind: docker, slots: many}", 2, "engines[0].slots"),
            ("- {kind: docker, name: qemu}", 2, "engines"),
            ("- {kind: libvirt, slots: 2}", 2, "engines[0].slots"),
            ("- {kind: libvirt, uri: \"qemu+ssh://far/system\"}", 2, "engines[0].uri"),
            ("- {kind: libvirt, uri: \"xen:///system\"}", 2, "engines[0].uri"),
        ])
    func namesThePlaceOfWhatIsWrong(engine: String, line: Int, path: String) {
        let (_, problems) = EngineSettingsParser.parse("engines:\n  \(engine)\n", file: "ruche.yaml")
        #expect(problems.contains { $0.line == line && $0.path == path && $0.file == "ruche.yaml" })
    }
}
