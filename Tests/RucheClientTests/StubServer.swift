import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization
import SystemPackage

/// An HTTP server of this process on a Unix socket, which answers as a test says.
final class StubServer: Sendable {
    struct Request: Sendable {
        var method: String
        var target: String
        var headers: [String: String]
        var body: [UInt8]
    }

    struct Answer: Sendable {
        var status = 200
        var headers: [(String, String)] = []
        /// Sent one after the other.
        var pieces: [String] = []
        /// Ends the connection after the pieces without ending the body.
        var breaksOff = false

        static func json(_ text: String, status: Int = 200) -> Answer {
            Answer(status: status, headers: [("content-type", "application/json")], pieces: [text])
        }
    }

    private let seen = Mutex<[Request]>([])
    private let answer: @Sendable (Request, _ number: Int) -> Answer
    private let channel: Mutex<(any Channel)?> = Mutex(nil)

    init(_ answer: @escaping @Sendable (Request, _ number: Int) -> Answer) { self.answer = answer }

    var requests: [Request] { seen.withLock { $0 } }

    func start(_ socket: FilePath) async throws {
        let bound = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                    try channel.pipeline.syncOperations.addHandler(Handler(server: self))
                }
            }
            .bind(unixDomainSocketPath: socket.string, cleanupExistingSocketFile: true).get()
        channel.withLock { $0 = bound }
    }

    func stop() async throws {
        let bound = channel.withLock { $0 }
        try await bound?.close()
    }

    fileprivate func handle(_ request: Request) -> Answer {
        let number = seen.withLock { seen in
            seen.append(request)
            return seen.count
        }
        return answer(request, number)
    }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = HTTPServerRequestPart
        typealias OutboundOut = HTTPServerResponsePart

        private let server: StubServer
        private var request = Request(method: "", target: "", headers: [:], body: [])

        init(server: StubServer) { self.server = server }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            switch unwrapInboundIn(data) {
            case .head(let head):
                request = Request(
                    method: head.method.rawValue, target: head.uri,
                    headers: Dictionary(head.headers.map { ($0.name.lowercased(), $0.value) }) { $1 }, body: [])
            case .body(let buffer): request.body += Array(buffer: buffer)
            case .end: reply(server.handle(request), context)
            }
        }

        private func reply(_ answer: Answer, _ context: ChannelHandlerContext) {
            var head = HTTPResponseHead(version: .http1_1, status: .init(statusCode: answer.status))
            for (name, value) in answer.headers { head.headers.add(name: name, value: value) }
            context.write(wrapOutboundOut(.head(head)), promise: nil)
            for piece in answer.pieces {
                let buffer = context.channel.allocator.buffer(string: piece)
                context.writeAndFlush(wrapOutboundOut(.body(.byteBuffer(buffer))), promise: nil)
            }
            if answer.breaksOff {
                context.close(promise: nil)
            } else {
                context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
            }
        }
    }
}
