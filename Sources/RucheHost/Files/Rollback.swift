/// Undo steps of a creation in several parts, run last first unless `succeed()` was called.
package struct Rollback: ~Copyable {
    private var steps: [@Sendable () async -> Void] = []

    package init() {}

    package mutating func add(_ undo: @escaping @Sendable () async -> Void) { steps.append(undo) }
    package mutating func succeed() { steps = [] }

    /// Undoes what was added since, if `succeed()` was not called. Call it in the `catch` of the creation.
    package mutating func fail() async {
        let undo = steps.reversed()
        steps = []
        for step in undo { await step() }
    }
}
