import { decide } from '../scaling/decide.ts'
import type { ScalingPolicy } from '../scaling/policy.ts'
import type { Load } from './load.ts'
import { oracle } from './oracle.ts'
import { grown, type Policy, type View } from './policy.ts'
import { publishedPolicies } from './published-policies.ts'

export const policiesFor = (settings: ScalingPolicy, load: Load): Policy[] => [
  ours(settings),
  oneMore('webhook', 'one more worker for every notification', settings, () => true),
  oneMore('cooldown', 'one more worker per cooldown', settings, hasCooledDown(settings)),
  ...publishedPolicies(settings),
  oracle(settings, load),
]

export const ours = (policy: ScalingPolicy): Policy => ({
  name: 'ours',
  title: 'this project, with its settings',
  wokenBy: 'shipped-rules',
  decide({ state, coordinator, cpu, now }) {
    const decision = decide({ state, coordinator: coordinator(), cpu, policy, now })
    if (decision.kind === 'hold') return undefined
    return { to: decision.workers.to, attempt: decision.attempt, blind: decision.blind }
  },
})

const oneMore = (name: string, title: string, settings: ScalingPolicy, may: (view: View) => boolean): Policy => ({
  name,
  title,
  wokenBy: 'blog-rule',
  decide: (view) => (may(view) ? grown(view.state, view.state.workers + 1, settings) : undefined),
})

const hasCooledDown =
  ({ cooldownMinutes }: ScalingPolicy) =>
  ({ state: { lastScaleOut }, now }: View): boolean => {
    if (lastScaleOut.kind === 'running') return false
    return lastScaleOut.kind === 'none' || now.getTime() >= lastScaleOut.endedAt.getTime() + cooldownMinutes * 60_000
  }
