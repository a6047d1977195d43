package import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import RucheCore
package import SystemPackage

/// A file whose bytes are read and written on the loop of a connection, in chunks that stay in the processor's cache.
///
/// sendfile(2) costs this process less, but hands over pages that the client then has to fetch from memory: who looks at
/// what they get, as everybody does who checks a digest, is faster by an eighth with bytes that were just copied.
///
/// They are written below the connection's HTTP encoder, which has nothing to add to a body whose length was told.
package final class SentFile: Sendable {
    /// Bytes that are sent before the loop sees to others, and an end of the request is seen.
    private static let part: Int64 = 4 << 20
    private static let chunk = 128 << 10

    private let file: SystemPackage.FileDescriptor
    private let channel: any Channel

    /// Nil when the connection can't, because it is encrypted or does not speak HTTP/1, and when there is no such file.
    package init?(
        to channel: any Channel, opening open: @Sendable () async throws -> SystemPackage.FileDescriptor?
    ) async throws {
        guard await Self.isPlain(channel), let descriptor = try await open() else { return nil }
        file = descriptor
        self.channel = channel
    }

    deinit { try? file.close() }  // only read from

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
            let range = begin..<min(begin + Self.part, end)
            try await channel.eventLoop.flatSubmit { [self] in
                let promise = channel.eventLoop.makePromise(of: Void.self)
                do {
                    let encoder = try channel.pipeline.syncOperations.context(handlerType: HTTPResponseEncoder.self)
                    send(range, below: encoder, promise)
                } catch {
                    promise.fail(error)
                }
                return promise.futureResult
            }.get()
        }
    }

    /// Writes a chunk, and the rest when the connection has taken that. On the connection's loop.
    private func send(_ range: Range<Int64>, below encoder: ChannelHandlerContext, _ promise: EventLoopPromise<Void>) {
        do {
            let written = channel.eventLoop.makePromise(of: Void.self)
            let rest = try write(range, below: encoder, written)
            written.futureResult.assumeIsolated().whenComplete { result in
                switch result {
                case .success where !rest.isEmpty: self.send(rest, below: encoder, promise)
                case .success: promise.succeed()
                case .failure(let error): promise.fail(error)
                }
            }
        } catch {
            promise.fail(error)
        }
    }

    /// Returns what is left. The memory of a chunk is free again when it is written, and the next one gets it.
    private func write(
        _ range: Range<Int64>, below encoder: ChannelHandlerContext, _ written: EventLoopPromise<Void>
    ) throws -> Range<Int64> {
        var buffer = channel.allocator.buffer(capacity: Self.chunk)
        do {
            try buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: Self.chunk) { space in
                try file.read(fromAbsoluteOffset: range.lowerBound, into: .init(rebasing: space.prefix(range.count)))
            }
            guard buffer.readableBytes > 0 else {
                throw RucheError(.corruptContent, "a file became shorter while it was sent")
            }
        } catch {
            written.fail(error)
            throw error
        }
        let rest = range.dropFirst(buffer.readableBytes)
        encoder.writeAndFlush(NIOAny(IOData.byteBuffer(buffer)), promise: written)
        return rest
    }
}
