/** The work that a cluster is asked for, minute by minute, in percent of one worker: 250 keeps two and a half workers busy. */
export type Load = {
  name: string
  title: string
  minutes: Float64Array
  /** The part of it that falls on one shard group; the rest is spread evenly. */
  hotTenant?: Float64Array
  /** Left out of sums and claims: nothing that a policy which reacts to metrics could do better. */
  isApart?: true
  /** Minutes, from and up to, in which no metric arrives. */
  metricsOutages?: readonly (readonly [number, number])[]
}

/** Monday, so that weeks are whole. */
export const simulationStart = Date.UTC(2026, 0, 5)

export const minutesADay = 24 * 60
export const dateAt = (seconds: number): Date => new Date(simulationStart + seconds * 1000)
