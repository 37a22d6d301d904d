import type { Run } from './run-policy.ts'
import type { Growth } from './simulated-cluster.ts'

/** What this project promises never to do. */
export type Violation = {
  kind: 'before-settled' | 'blind-twice' | 'beyond-maximum'
  growth: Growth
}

/**
 * Growths that began before the last had settled although the coordinator could be asked, second growths in the same silence, and growths
 * beyond the maximum. One growth per silence is allowed: during it, nobody can know whether the last one has settled.
 */
export function findViolations(
  { growths, silences }: Pick<Run, 'growths' | 'silences'>,
  maxWorkers: number,
): Violation[] {
  const succeeded = growths.filter(({ succeeds }) => succeeds)
  const inSilence = silences.map(({ from, to }) =>
    succeeded.filter(({ blind, acceptedAt }) => blind && acceptedAt >= from && acceptedAt < to),
  )
  const violation = (kind: Violation['kind']) => (growth: Growth) => ({ kind, growth })
  return [
    ...growths.filter(({ afterSettled, blind }) => !afterSettled && !blind).map(violation('before-settled')),
    ...inSilence.flatMap(([, ...more]) => more).map(violation('blind-twice')),
    ...growths.filter(({ to }) => to > maxWorkers).map(violation('beyond-maximum')),
  ]
}
