import type { Comparison } from './compare-policies.ts'
import type { Summary } from './summarize-run.ts'

/** The sums of one policy over several loads. */
export type Total = Pick<
  Summary,
  | 'name'
  | 'title'
  | 'minutesOver'
  | 'minutesSaturated'
  | 'nodeHours'
  | 'scaleOuts'
  | 'deploymentsRefused'
  | 'beforeSettled'
  | 'blind'
>

/** Adds up the results of each policy, without the loads that no policy can improve. */
export function addUp(comparisons: readonly Pick<Comparison, 'load' | 'summaries'>[]): Total[] {
  const judged = comparisons.filter(({ load }) => !load.isApart)
  const byName = Map.groupBy(
    judged.flatMap(({ summaries }) => summaries),
    ({ name }) => name,
  )
  return [...byName].map(([name, summaries]) => {
    const sum = (of: (summary: Summary) => number) => summaries.reduce((total, summary) => total + of(summary), 0)
    return {
      name,
      title: summaries[0]?.title ?? name,
      minutesOver: sum(({ minutesOver }) => minutesOver),
      minutesSaturated: sum(({ minutesSaturated }) => minutesSaturated),
      nodeHours: sum(({ nodeHours }) => nodeHours),
      scaleOuts: sum(({ scaleOuts }) => scaleOuts),
      deploymentsRefused: sum(({ deploymentsRefused }) => deploymentsRefused),
      beforeSettled: sum(({ beforeSettled }) => beforeSettled),
      blind: sum(({ blind }) => blind),
    }
  })
}
