import * as z from 'zod'
import type { DataSource, TimeRange } from './data-source.ts'
import type { Point } from './values.ts'

/** The CPU of one server at one time, in percent. All servers are read at the same times. */
export type CpuReading = { time: Date; server: string; percent: number }
export type CpuReadings = (range: TimeRange) => readonly CpuReading[]

const azureModelSchema = z.discriminatedUnion('queryType', [
  z.object({ queryType: z.literal('Azure Resource Graph') }),
  z.object({
    queryType: z.literal('Azure Monitor'),
    azureMonitor: z.object({
      metricName: z.literal('cpu_percent'),
      dimensionFilters: z.array(
        z.object({
          dimension: z.literal('ServerName'),
          operator: z.literal('eq'),
          filters: z.array(z.string()).length(1),
        }),
      ),
    }),
  }),
])

/**
 * Stands in for Azure Monitor: the metric cpu_percent, of all servers together or of the one that ServerName is filtered by, and the
 * number of workers for whatever Resource Graph is asked.
 */
export const azureMonitorStandIn =
  (readings: CpuReadings, workers: () => number): DataSource =>
  ({ model }, range) => {
    const query = azureModelSchema.parse(model)
    if (query.queryType === 'Azure Resource Graph')
      return Promise.resolve([{ kind: 'number', labels: {}, value: workers() }])
    const server = query.azureMonitor.dimensionFilters[0]?.filters[0]
    const labels = server === undefined ? {} : { ServerName: server }
    const read = readings(range).filter((reading) => server === undefined || reading.server === server)
    return Promise.resolve(read.length === 0 ? [] : [{ kind: 'series', labels, points: meanPerTime(read) }])
  }

/** Stands in for Prometheus: whatever is asked, it answers the mean CPU over the servers that it is given, the workers. */
export const prometheusStandIn =
  (readings: CpuReadings): DataSource =>
  (_, range) => {
    const read = readings(range)
    return Promise.resolve(read.length === 0 ? [] : [{ kind: 'series', labels: {}, points: meanPerTime(read) }])
  }

function meanPerTime(readings: readonly CpuReading[]): Point[] {
  const byTime = Map.groupBy(readings, ({ time }) => time.getTime())
  return [...byTime].map(([time, group]) => ({
    time: new Date(time),
    value: group.reduce((sum, { percent }) => sum + percent, 0) / group.length,
  }))
}
