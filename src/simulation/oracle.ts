import type { ScalingPolicy } from '../scaling/policy.ts'
import type { Load } from './load.ts'
import { grown, largestOf, type Policy } from './policy.ts'
import { overPercent, shardGroups } from './world-facts.ts'

const lookahead = 120

/** Knows the load two hours ahead, enough for a failed deployment and another one, and adds only the workers needed: the lowest possible cost. */
export function oracle(settings: ScalingPolicy, { minutes }: Load): Policy {
  return {
    name: 'oracle',
    title: 'an oracle that knows the load ahead',
    wokenBy: { every: 60 },
    decide({ state, minute }) {
      if (state.lastScaleOut.kind === 'running') return undefined
      const highest = minutes.subarray(minute, minute + lookahead).reduce((most, work) => Math.max(most, work), 0)
      let wanted = state.workers
      while (wanted < largestOf(state, settings) && feltCpu(highest, wanted) > overPercent) wanted++
      return grown(state, wanted, settings)
    },
  }
}

/** As `feltCpu` of the log, with the shard groups spread as evenly as possible: 32 over 20 workers is two or one each. */
function feltCpu(work: number, workers: number): number {
  const least = Math.floor(shardGroups / workers)
  const fuller = shardGroups % workers
  const squares = fuller * (least + 1) ** 2 + (workers - fuller) * least ** 2
  return (work * squares) / shardGroups ** 2
}
