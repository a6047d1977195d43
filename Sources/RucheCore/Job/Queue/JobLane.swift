/// Jobs of one owner and one priority, oldest first.
///
/// Taking from the front and putting at the end are cheap however long it is.
struct JobLane: Hashable, Sendable {
    private var ids: [Identifier] = []
    private var head = 0

    var count: Int { ids.count - head }
    var first: Identifier? { head < ids.count ? ids[head] : nil }

    /// The first so many, oldest first.
    func prefix(_ count: Int) -> ArraySlice<Identifier> { ids[head...].prefix(count) }

    mutating func insert(_ id: Identifier) {
        if let last = ids.last, head < ids.count, id < last {
            ids.insert(id, at: place(of: id))
        } else {
            ids.append(id)
        }
    }

    mutating func remove(_ id: Identifier) {
        let place = place(of: id)
        guard place < ids.count, ids[place] == id else { return }
        guard place == head else {
            ids.remove(at: place)
            return
        }
        head += 1
        guard head > 64, head * 2 > ids.count else { return }
        ids.removeFirst(head)
        head = 0
    }

    /// How many are older.
    func index(of id: Identifier) -> Int { place(of: id) - head }

    private func place(of id: Identifier) -> Int {
        var (low, high) = (head, ids.count)
        while low < high {
            let middle = (low + high) / 2
            if ids[middle] < id { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
