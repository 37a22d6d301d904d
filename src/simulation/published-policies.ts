import type { ScalingPolicy } from '../scaling/policy.ts'
import { grown, type Policy, type View } from './policy.ts'

/** A policy as its maker documents it: what it looks at, when it acts, and how far it goes. Percent, minutes; looks in seconds. */
type Published = {
  name: string
  title: string
  every: number
  /** Acts when CPU was above `limit` in each of the newest so many minutes. */
  minutes: number
  limit: number
  wanted: (workers: number, cpu: number) => number
  /** Waits so many minutes after the deployment's end, or after the balancing's. */
  cooldown: { minutes: number; after: 'deployment' | 'balancing' }
}

const published = ({ targetCpuPercent: target, cooldownMinutes }: ScalingPolicy): Published[] => [
  {
    // https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/: a look every 15 s, a tolerance of 10 %, upward no stabilisation
    // and at most the double or four more at once. Its target is ours, so that sizes compare. Pods that are not ready count as idle to it.
    name: 'hpa',
    title: "Kubernetes' HPA, same target",
    every: 15,
    minutes: 1,
    limit: target * 1.1,
    wanted: (workers, cpu) => Math.min(Math.ceil((workers * cpu) / target), Math.max(2 * workers, workers + 4)),
    cooldown: { minutes: 0, after: 'deployment' },
  },
  {
    // https://docs.yugabyte.com/stable/yugabyte-cloud/cloud-clusters/autoscaling/: "CPU greater than 65% for 15 minutes" is its example; its cooldown starts
    // when the cluster is balanced, and has no documented length: ours.
    name: 'aeon',
    title: 'YugabyteDB Aeon, as documented',
    every: 60,
    minutes: 15,
    limit: 65,
    wanted: (workers) => workers + 1,
    cooldown: { minutes: cooldownMinutes, after: 'balancing' },
  },
  {
    // https://github.com/cloudspannerecosystem/autoscaler at 0b116e1, src/poller/README.md and scaling-methods/base.js: 65 % give or take 5 every two
    // minutes, two nodes, five above 90 %, five minutes after the operation's end.
    name: 'spanner',
    title: "Spanner's autoscaler tool, its defaults",
    every: 120,
    minutes: 1,
    limit: 65 + 5,
    wanted: (workers, cpu) => workers + (cpu > 90 ? 5 : 2),
    cooldown: { minutes: 5, after: 'deployment' },
  },
  {
    // https://github.com/mercari/spanner-autoscaler at 679365d, calcDesiredPUFromCPU: whole per cents each minute, the next node above the quotient even
    // where that is whole, no limit to a step, a minute between two. It has no default target: ours.
    name: 'mercari',
    title: "mercari's spanner-autoscaler, same target",
    every: 60,
    minutes: 1,
    limit: 0,
    wanted: (workers, cpu) => Math.floor((workers * Math.floor(cpu)) / target) + 1,
    cooldown: { minutes: 1, after: 'deployment' },
  },
]

/** What others do, with the numbers that they publish. None of them begins while a deployment of its own runs. */
export const publishedPolicies = (settings: ScalingPolicy): Policy[] =>
  published(settings).map(({ name, title, every, minutes, limit, wanted, cooldown }) => ({
    name,
    title,
    wokenBy: { every },
    decide(view) {
      const { cpu, state } = view
      if (cpu === undefined || cpu <= limit || !hasRested(view, cooldown)) return undefined
      if (minutes > 1 && (view.lowestCpu(minutes) ?? 0) <= limit) return undefined
      return grown(state, wanted(state.workers, cpu), settings)
    },
  }))

function hasRested(
  { state: { lastScaleOut }, settledSince, now, minute }: View,
  { minutes, after }: Published['cooldown'],
) {
  if (lastScaleOut.kind === 'running') return false
  if (lastScaleOut.kind === 'none') return true
  if (after === 'deployment') return now.getTime() >= lastScaleOut.endedAt.getTime() + minutes * 60_000
  const settled = settledSince()
  return settled !== undefined && minute >= settled / 60 + minutes
}
