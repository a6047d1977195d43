import NIOCore

/// Cuts what a pipe delivers into lines, without their line feeds.
final class LineHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let limit: Int
    private let onEvent: @Sendable (LineProcess.Event) -> Void
    private let line: @Sendable ([UInt8]) -> LineProcess.Event
    private let isLast: Bool
    private var rest: [UInt8] = []
    private var isFull = false

    /// `isLast` says that the end of this pipe is the end of the conversation.
    init(
        limit: Int, isLast: Bool, line: @escaping @Sendable ([UInt8]) -> LineProcess.Event,
        onEvent: @escaping @Sendable (LineProcess.Event) -> Void
    ) {
        self.limit = limit
        self.isLast = isLast
        self.line = line
        self.onEvent = onEvent
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = unwrapInboundIn(data).readableBytesView[...]
        while let end = bytes.firstIndex(of: UInt8(ascii: "\n")) {
            take(bytes[..<end])
            if !isFull { onEvent(line(rest)) }
            isFull = false
            rest.removeAll(keepingCapacity: rest.count <= 1 << 16)
            bytes = bytes[bytes.index(after: end)...]
        }
        take(bytes)
    }

    func channelInactive(context: ChannelHandlerContext) {
        if !rest.isEmpty, !isFull { onEvent(line(rest)) }
        rest = []
        if isLast { onEvent(.closed) }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    private func take(_ bytes: ByteBufferView.SubSequence) {
        guard !isFull else { return }
        guard rest.count + bytes.count <= limit else {
            isFull = true
            rest = []
            return onEvent(.lineTooLong)
        }
        rest.append(contentsOf: bytes)
    }
}
