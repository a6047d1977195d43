import CExt2fs

/// How much the library may read of one file system: tables that lead to themselves end here.
final class ReadBudget {
    private static let most = 2 << 30
    private var left = ReadBudget.most

    /// The library's own manager with a check before each read; made once and kept.
    private nonisolated(unsafe) static let manager: UnsafeMutablePointer<struct_io_manager> = {
        let manager = UnsafeMutablePointer<struct_io_manager>.allocate(capacity: 1)
        manager.initialize(to: ruche_unix_io_manager().pointee)
        manager.pointee.read_blk64 = { channel, block, count, data in
            guard let channel, let context = channel.pointee.app_data else { return EXT2_ET_SHORT_READ }
            let budget = Unmanaged<ReadBudget>.fromOpaque(context).takeUnretainedValue()
            // A negative count is one of bytes.
            let bytes = count < 0 ? -Int(count) : Int(count) * Int(channel.pointee.block_size)
            budget.left -= bytes
            guard budget.left > 0 else { return EXT2_ET_SHORT_READ }
            return ruche_unix_io_manager().pointee.read_blk64(channel, block, count, data)
        }
        return manager
    }()

    /// To be called for an open channel, which must not outlive this.
    func bind(_ channel: io_channel) {
        channel.pointee.app_data = Unmanaged.passUnretained(self).toOpaque()
        channel.pointee.manager = Self.manager
    }
}
