/** The work that a cluster has to do in each minute, in percent of one worker: 250 keeps two and a half workers busy. */
export type Load = {
  name: string
  title: string
  minutes: Float64Array
  /** The part of it on one shard group; the rest is spread evenly. */
  hotTenant?: Float64Array
  /** Left out of sums and claims, since no policy that reacts to metrics can improve it. */
  isApart?: true
  /** From which minute, and up to which, no metric arrives. */
  metricsOutages?: readonly (readonly [number, number])[]
}

/** A Monday, so that weeks are complete. */
export const simulationStart = Date.UTC(2026, 0, 5)

export const minutesADay = 24 * 60
export const dateAt = (seconds: number): Date => new Date(simulationStart + seconds * 1000)
