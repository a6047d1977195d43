import RucheCore

extension Engine {
    /// Pauses a container by the order that its engine has for it.
    ///
    /// One that is paused already is no error, nor is somebody else who was faster. Throws `invalid_state` for one that
    /// does not run or ended meanwhile, `not_found`.
    func pause(_ id: String, by order: () async throws -> Void) async throws {
        try await change(id, to: .paused, or: "the container \(id) does not run, it can't be paused", by: order)
    }

    /// Resumes one, in the same way.
    func resume(_ id: String, by order: () async throws -> Void) async throws {
        try await change(id, to: .running, or: "the container \(id) is not paused", by: order)
    }

    private func change(
        _ id: String, to wanted: ContainerState, or refusal: String, by order: () async throws -> Void
    ) async throws {
        for attempt in 1... {
            guard try await !isDone(id, wanted, refusal) else { return }
            do { return try await order() } catch {
                guard try await !isDone(id, wanted, refusal) else { return }
                // What runc says (cgroup v1) where new processes come faster than it can freeze them: a matter of luck.
                let isUnlucky = (error as? RucheError)?.message.contains("unable to freeze") == true
                guard isUnlucky, attempt < 10 else { throw error }
            }
            try await Task.sleep(for: .milliseconds(100))
        }
    }

    private func isDone(_ id: String, _ wanted: ContainerState, _ refusal: String) async throws -> Bool {
        switch try await state(id) {
        case .absent: throw missing(id)
        case .created, .exited: throw RucheError(.invalidState, refusal)
        case let state: return state == wanted
        }
    }

    func missing(_ id: String) -> RucheError {
        RucheError(.notFound, "the engine \(name) has no container \(id)", details: ["id": id])
    }
}
