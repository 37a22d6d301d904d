import type { Labels } from './labels.ts'

/** What a query or an expression yields: one number or one series per set of labels. No values at all is Grafana's "no data". */
export type NumberValue = { kind: 'number'; labels: Labels; value: number | null }
export type SeriesValue = { kind: 'series'; labels: Labels; points: readonly Point[] }
export type Point = { time: Date; value: number | null }
export type Value = NumberValue | SeriesValue
