import RucheCore
import Testing

@Suite struct UsageSeriesTests {
    private func point(_ time: Int64, cpu: Double = 0, memory: UInt64 = 0) -> UsagePoint {
        UsagePoint(
            time: time, cpuSeconds: cpu, cpus: 1, memoryBytes: memory, memoryPeakBytes: memory, readBytes: 0,
            writtenBytes: 0)
    }

    @Test func aLongJobHasNoMorePointsThanAShortOneAndKeepsItsPeaks() {
        var series = UsageSeries()
        var time: Int64 = 0
        for number in 0..<3000 {
            series.append(point(time, cpu: Double(time) / 1000, memory: number == 777 ? 9000 : 10))
            time += Int64(series.pause * 1000)
        }
        #expect(series.points.count <= UsageSeries.limit && series.points.count > UsageSeries.limit / 4)
        #expect(series.points.map(\.time) == series.points.map(\.time).sorted())
        #expect(series.points.map(\.memoryBytes).max() == 9000)
        #expect(series.points.last?.cpuSeconds == series.summary(started: 0)?.cpuSeconds)
    }

    @Test func looksAreCloseInTheBeginning() {
        var series = UsageSeries()
        #expect(series.pause == 0.25)
        series.append(point(0))
        series.append(point(60_000))
        #expect(series.pause == 5)
        series.append(point(86_400_000))
        #expect(series.pause == 337.5)
    }

    @Test func theSummaryIsOfTheWholeTime() {
        var series = UsageSeries()
        #expect(series.summary(started: 0) == nil)
        series.append(point(1000, cpu: 1, memory: 5))
        series.append(point(4000, cpu: 2, memory: 3))
        let usage = series.summary(started: 0)
        #expect(usage?.cpuSeconds == 2 && usage?.meanCPUs == 0.5 && usage?.memoryPeakBytes == 5)
    }
}
