import RucheBuild
import RucheCore
import RucheImages

/// What a release's recipe says of its machines.
enum InstanceRecipe {
    static func machine(of release: Release) throws -> MachineContract? {
        try ReleaseAnnotation.recipe(of: release)?.machine
    }
}
