package import Logging
package import RucheCore
package import RucheHost
package import RucheStore
package import SystemPackage

/// What a `WebhookService` needs.
package struct WebhookServiceConfiguration: Sendable {
    /// The data folder; secrets live in `<data>/webhooks`.
    package var data: FilePath
    package var database: any SQLDatabase
    package var events: DatabaseEventLog
    package var poster: GuardedPoster
    package var logger: Logger
    package var schedule = RetrySchedule()
    /// Webhooks at most: each is told of everything.
    package var limit = 200
    package var now: @Sendable () -> Int64 = SystemTime.milliseconds

    package init(
        data: FilePath, database: any SQLDatabase, events: DatabaseEventLog, poster: GuardedPoster, logger: Logger
    ) {
        self.data = data
        self.database = database
        self.events = events
        self.poster = poster
        self.logger = logger
    }
}
