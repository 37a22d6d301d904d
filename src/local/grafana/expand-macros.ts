import type { TimeRange } from './data-source.ts'

type Macro = (range: TimeRange, ...parameters: string[]) => string

const text = (time: Date) => `'${time.toISOString()}'`
const epoch = (time: Date) => String(Math.floor(time.getTime() / 1000))
const missing = (name: string): never => {
  throw new Error(`the macro ${name} lacks a parameter`)
}

const group: Macro = (_, column = missing('$__timeGroup'), interval = missing('$__timeGroup')) => {
  const [, count = '', unit = ''] = /^'?(\d+)([smhd])'?$/.exec(interval) ?? missing(`$__timeGroup(…, ${interval})`)
  const seconds = Number(count) * { s: 1, m: 60, h: 3600, d: 86_400 }[unit as 's' | 'm' | 'h' | 'd']
  return `floor(extract(epoch from ${column})/${seconds})*${seconds}`
}

/** The macros of Grafana's PostgreSQL data source (grafana, pkg/tsdb/grafana-postgresql-datasource/macros.go). */
const macros: Readonly<Record<string, Macro>> = {
  timeFrom: ({ from }) => text(from),
  timeTo: ({ to }) => text(to),
  timeFilter: ({ from, to }, column = missing('$__timeFilter')) => `${column} BETWEEN ${text(from)} AND ${text(to)}`,
  time: (_, column = missing('$__time')) => `${column} AS "time"`,
  timeEpoch: (_, column = missing('$__timeEpoch')) => `extract(epoch from ${column}) as "time"`,
  timeGroup: group,
  timeGroupAlias: (range, ...parameters) => `${group(range, ...parameters)} AS "time"`,
  unixEpochFrom: ({ from }) => epoch(from),
  unixEpochTo: ({ to }) => epoch(to),
  unixEpochFilter: ({ from, to }, column = missing('$__unixEpochFilter')) =>
    `${column} >= ${epoch(from)} AND ${column} <= ${epoch(to)}`,
}

/**
 * A query's rawSql as it reaches the database. Grafana fits `$__interval` to the width of a panel: here it is a hundredth of the time
 * range. Throws at a macro that Grafana does not have.
 */
export function expandMacros(rawSql: string, range: TimeRange): string {
  const interval = Math.max(1, Math.round((range.to.getTime() - range.from.getTime()) / 100_000))
  return rawSql
    .replaceAll('$__interval', `${interval}s`)
    .replace(/\$__(\w+)(?:\(([^()]*)\))?/g, (match: string, name: string, parameters?: string) => {
      const macro = macros[name]
      if (!macro) throw new Error(`${match} is no macro of Grafana's PostgreSQL data source`)
      const list = (parameters ?? '').split(',').map((parameter) => parameter.trim())
      return macro(range, ...list.filter((parameter) => parameter !== ''))
    })
}
