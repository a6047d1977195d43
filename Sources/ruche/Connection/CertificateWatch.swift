import Foundation
import Logging
import RucheServer
import ServiceLifecycle
import UnixSignals

/// Takes a new certificate when its files change, and on the signal HUP. One that can't be used is told of, and the old
/// one stays.
struct CertificateWatch: Service {
    private static let interval = Duration.seconds(1)
    private let certificate: ServerCertificate
    private let logger: Logger

    init(_ certificate: ServerCertificate, _ logger: Logger) {
        self.certificate = certificate
        self.logger = logger
    }

    func run() async throws {
        warn()
        let signals = await UnixSignalsSequence(trapping: .sighup)
        await cancelWhenGracefulShutdown {
            await withTaskGroup(of: Void.self) { group in
                group.addTask {
                    // Ends with a cancellation.
                    while (try? await Task.sleep(for: Self.interval)) != nil {
                        reload { try certificate.reloadIfChanged() }
                    }
                }
                group.addTask {
                    for await _ in signals {
                        reload {
                            try certificate.reload()
                            return true
                        }
                    }
                }
            }
        }
    }

    private func reload(_ read: () throws -> Bool) {
        do {
            guard try read() else { return }
            logger.info("new certificate", metadata: ["file": "\(certificate.certificate)"])
            warn()
        } catch {
            logger.error("the new certificate can't be used, the old one stays", metadata: ["error": "\(error)"])
        }
    }

    private func warn() {
        if let text = certificate.warning(now: Int64(Date().timeIntervalSince1970)) { logger.warning("\(text)") }
    }
}
