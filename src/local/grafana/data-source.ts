import type { DataSourceQuery } from './read-alerting.ts'
import type { Value } from './values.ts'

export type TimeRange = { from: Date; to: Date }

/** Answers a query of a rule over a time range. Rejects when it cannot: the rule then handles an error. */
export type DataSource = (query: DataSourceQuery, range: TimeRange) => Promise<readonly Value[]>
