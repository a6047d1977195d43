import RucheCore
import RucheHost
import RucheImages
import Testing

@testable import RucheBuild

@Suite struct MachinePlanTests {
    @Test func containersNeedNoOtherLayers() {
        #expect(LayerChain.needed(for: [.oci, .lxd]) == [.recipe])
        #expect(LayerChain.needed(for: [.oci, .qcow2]) == [.recipe, .machine, .loader])
        #expect(LayerChain.needed(for: [.vagrantLibvirt]) == [.recipe, .machine, .vagrant, .loader])
    }

    @Test func everyMachineHasTheKernelThatItsRecipeNames() throws {
        let name = try #require(EnvironmentName("lab/thing"))
        let version = try #require(ReleaseVersion("1.0.0"))
        var recipe = Recipe(name: name, version: version, from: .debian(suite: "bookworm"))
        func packages() throws -> [String] {
            try MachineSteps(recipe: recipe, architecture: "amd64").steps(of: .machine).flatMap { titled -> [String] in
                guard case .apt(let apt) = titled.step else { return [] }
                return apt.packages
            }
        }
        #expect(try packages().contains("linux-image-amd64"))
        #expect(try packages().contains("cloud-init"))
        var machine = MachineContract()
        (machine.kernel, machine.cloudInit, machine.ssh) = ("linux-image-cloud-amd64", false, false)
        recipe.machine = machine
        #expect(try packages().contains("linux-image-cloud-amd64"))
        #expect(try !packages().contains("cloud-init"))
        #expect(try !packages().contains("openssh-server"))
    }

    @Test func hardwareIsWhatTheRecipeSays() throws {
        let name = try #require(EnvironmentName("lab/a_thing.x"))
        let version = try #require(ReleaseVersion("1.0.0"))
        var recipe = Recipe(name: name, version: version, from: .debian(suite: "bookworm"))
        #expect(
            MachineHardware(recipe, architecture: "arm64")
                == MachineHardware(name: "a-thing-x", cpus: 1, memory: ByteCount(1 << 30), architecture: "arm64"))
        var machine = MachineContract()
        (machine.cpus, machine.memory) = (3, ByteCount(512 << 20))
        recipe.machine = machine
        let hardware = MachineHardware(recipe, architecture: "amd64")
        #expect(hardware.cpus == 3 && hardware.memory == ByteCount(512 << 20))
    }

    @Test func otherArchitecturesAreRefusedBeforeAnythingIsBuilt() throws {
        let name = try #require(EnvironmentName("lab/thing"))
        let version = try #require(ReleaseVersion("1.0.0"))
        let recipe = Recipe(name: name, version: version, from: .debian(suite: "bookworm"))
        let error = #expect(throws: RucheError.self) {
            try MachineSteps(recipe: recipe, architecture: "s390x").steps(of: .loader)
        }
        #expect(error?.message.contains("amd64, arm64") == true)
    }

    /// Text of a recipe gets into shell as data alone.
    @Test func scriptsOfMachinesAreWellFormed() async throws {
        var machine = MachineContract()
        machine.network = MachineContract.FixedNetwork(address: "10.0.0.2/8")
        machine.keys = ["ssh-ed25519 " + String(repeating: "A", count: 68) + " it's $HOME `id`"]
        let text = MachineScript(machine: machine).configure
        #expect(text.contains("it's $HOME `id`\nRUCHE-END"))
        for script in [MachineScript.prepare, text, VagrantScript.configure, LoaderScript(architecture: "amd64")?.text]
        {
            let result = try await Shell.check(try #require(script))
            #expect(result == "", "\(result)")
        }
    }
}

/// The shell's own opinion of a script that is not run.
private enum Shell {
    static func check(_ script: String) async throws -> String {
        let result = try await SystemCommandRunner().run(
            Command("/bin/sh", ["-n"], input: .bytes(Array(script.utf8))), onLine: nil)
        return result.status.isSuccess ? "" : result.errorTail
    }
}
