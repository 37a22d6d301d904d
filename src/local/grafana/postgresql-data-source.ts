import type postgres from 'postgres'
import * as z from 'zod'
import type { DataSource } from './data-source.ts'
import { expandMacros } from './expand-macros.ts'
import { labelsKey, type Labels } from './labels.ts'
import type { Point, Value } from './values.ts'

const modelSchema = z.object({
  rawSql: z.string().min(1),
  format: z.enum(['table', 'time_series']).default('time_series'),
})

// Object ids of int8, int2, int4, float4, float8, numeric; of timestamp and timestamptz.
const numericTypes = [20, 21, 23, 700, 701, 1700]
const timeTypes = [1114, 1184]

/**
 * Runs a rule's rawSql on a database as Grafana's PostgreSQL data source does. A table must have exactly one numeric column, a time
 * series one more column `time`; every other column becomes a label.
 */
export const postgresqlDataSource =
  (sql: postgres.Sql): DataSource =>
  async ({ refId, model }, range) => {
    const { rawSql, format } = modelSchema.parse(model)
    const rows = await sql.unsafe(expandMacros(rawSql, range))
    const columns = rows.columns.map(({ name, type }) => ({ name, type }))
    const numeric = columns.filter(({ name, type }) => numericTypes.includes(type) && name !== 'time')
    const [number] = numeric
    if (!number || numeric.length > 1)
      throw new Error(`query ${refId} yields ${numeric.length} numeric columns: an alert rule needs one`)
    const labelNames = columns.filter(
      ({ name, type }) => name !== number.name && name !== 'time' && !timeTypes.includes(type),
    )
    const read = rows.map((row: Record<string, unknown>) => ({
      labels: Object.fromEntries(labelNames.map(({ name }) => [name, textOf(row[name])])),
      value: numberOf(row[number.name]),
      time: row.time,
    }))
    if (format === 'table') return read.map(({ labels, value }): Value => ({ kind: 'number', labels, value }))
    return series(read.map(({ labels, value, time }) => ({ labels, point: { time: timeOf(time), value } })))
  }

function series(points: readonly { labels: Labels; point: Point }[]): Value[] {
  const byLabels = Map.groupBy(points, ({ labels }) => labelsKey(labels))
  return [...byLabels.values()].map((group) => ({
    kind: 'series',
    labels: group[0]?.labels ?? {},
    points: group.map(({ point }) => point),
  }))
}

// int8 and numeric arrive as text.
const numberOf = (value: unknown) => (value === null || value === undefined ? null : Number(value))
const textOf = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value ?? ''))

function timeOf(value: unknown): Date {
  if (value instanceof Date) return value
  const seconds = Number(value)
  if (!Number.isFinite(seconds))
    throw new Error('a time series needs a column "time": a timestamp or seconds since 1970')
  return new Date(seconds * 1000)
}
