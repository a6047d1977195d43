package import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import RucheCore
package import SystemPackage

/// A file whose bytes the kernel sends to a connection, without a copy of them in this process (sendfile(2)).
///
/// They are written below the connection's HTTP encoder, which has nothing to add to a body whose length was told.
package final class SentFile: Sendable {
    /// Bytes that are sent before the next are asked for: how soon an end of the request is seen.
    private static let part: Int64 = 8 << 20

    private let handle: NIOFileHandle
    private let channel: any Channel

    /// Nil when the connection can't, because it is encrypted or does not speak HTTP/1, and when there is no such file.
    package init?(
        to channel: any Channel, opening open: @Sendable () async throws -> SystemPackage.FileDescriptor?
    ) async throws {
        guard await Self.isPlain(channel), let descriptor = try await open() else { return nil }
        handle = NIOFileHandle(_deprecatedTakingOwnershipOfDescriptor: descriptor.rawValue)
        self.channel = channel
    }

    deinit { try? handle.close() }  // only read from

    private static func isPlain(_ channel: any Channel) async -> Bool {
        let answer = channel.eventLoop.submit {
            let pipeline = channel.pipeline.syncOperations
            return (try? pipeline.context(handlerType: HTTPResponseEncoder.self)) != nil
                && (try? pipeline.context(handlerType: NIOSSLServerHandler.self)) == nil
        }
        // A connection that has gone can't be sent to in any way.
        return (try? await answer.get()) ?? false
    }

    /// Sends `length` bytes from `offset` on. What is sent after the head of a response comes after it.
    package func send(from offset: Int64, length: Int64) async throws {
        let end = offset + length
        for begin in stride(from: offset, to: end, by: Int64.Stride(Self.part)) {
            let region = FileRegion(
                fileHandle: handle, readerIndex: Int(begin), endIndex: Int(min(begin + Self.part, end)))
            try await channel.eventLoop.flatSubmit { [channel] in
                do {
                    let encoder = try channel.pipeline.syncOperations.context(handlerType: HTTPResponseEncoder.self)
                    let promise = channel.eventLoop.makePromise(of: Void.self)
                    encoder.writeAndFlush(NIOAny(IOData.fileRegion(region)), promise: promise)
                    return promise.futureResult
                } catch {
                    return channel.eventLoop.makeFailedFuture(error)
                }
            }.get()
        }
    }
}
