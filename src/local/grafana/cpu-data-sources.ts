import * as z from 'zod'
import type { DataSource, TimeRange } from './data-source.ts'
import type { Point, Value } from './values.ts'

/** The CPU of one server at one time, in percent. All servers are read at the same times. */
export type CpuReading = { time: Date; server: string; percent: number }
export type CpuReadings = (range: TimeRange) => readonly CpuReading[]

const azureModelSchema = z.discriminatedUnion('queryType', [
  z.object({ queryType: z.literal('Azure Resource Graph') }),
  z.object({
    queryType: z.literal('Azure Monitor'),
    azureMonitor: z.object({
      metricName: z.enum(['cpu_percent', 'storage_percent']),
      aggregation: z.enum(['Average', 'Maximum']),
      dimensionFilters: z
        .array(
          z.object({
            dimension: z.literal('ServerName'),
            operator: z.enum(['eq', 'sw']),
            filters: z.array(z.string()).max(1),
          }),
        )
        .max(1),
    }),
  }),
])

/**
 * Stands in for Azure Monitor: the metric cpu_percent, of all servers together or as one series per server of the ServerName filter, and
 * the number of workers as the answer to every query of Resource Graph. It has no storage metrics.
 */
export const azureMonitorStandIn =
  (readings: CpuReadings, workers: () => number): DataSource =>
  ({ model }, range) => {
    const query = azureModelSchema.parse(model)
    if (query.queryType === 'Azure Resource Graph')
      return Promise.resolve([{ kind: 'number', labels: {}, value: workers() }])
    const { metricName, aggregation, dimensionFilters } = query.azureMonitor
    if (metricName === 'storage_percent') return Promise.resolve([])
    const combine = aggregation === 'Maximum' ? largest : mean
    const [filter] = dimensionFilters
    if (!filter) return Promise.resolve(series(readings(range), {}, combine))
    const [text] = filter.filters
    const isMeant = (server: string) =>
      text === undefined || (filter.operator === 'eq' ? server === text : server.startsWith(text))
    return Promise.resolve(perServer(readings(range), 'ServerName', isMeant))
  }

const promModelSchema = z.object({ expr: z.string() })

/**
 * Stands in for Prometheus with the workers as targets: their mean CPU, or one series per worker for a query by instance. It has neither
 * the coordinator nor file systems.
 */
export const prometheusStandIn =
  (readings: CpuReadings): DataSource =>
  ({ model }, range) => {
    const { expr } = promModelSchema.parse(model)
    if (!expr.includes('node_cpu_seconds_total') || expr.includes('citus-coordinator')) return Promise.resolve([])
    const read = readings(range)
    if (expr.includes('by (instance)')) return Promise.resolve(perServer(read, 'instance', () => true))
    return Promise.resolve(series(read, {}, mean))
  }

const mean = (percents: readonly number[]) => percents.reduce((sum, percent) => sum + percent, 0) / percents.length
const largest = (percents: readonly number[]) => Math.max(...percents)

function perServer(readings: readonly CpuReading[], label: string, isMeant: (server: string) => boolean): Value[] {
  const byServer = Map.groupBy(
    readings.filter(({ server }) => isMeant(server)),
    ({ server }) => server,
  )
  return [...byServer].flatMap(([server, read]) => series(read, { [label]: server }, mean))
}

function series(
  readings: readonly CpuReading[],
  labels: Record<string, string>,
  combine: (percents: readonly number[]) => number,
): Value[] {
  const byTime = Map.groupBy(readings, ({ time }) => time.getTime())
  const points = [...byTime].map(([time, group]): Point => ({
    time: new Date(time),
    value: combine(group.map(({ percent }) => percent)),
  }))
  return points.length === 0 ? [] : [{ kind: 'series', labels, points }]
}
