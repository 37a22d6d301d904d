import type { ScalingPolicy } from '../scaling/policy.ts'
import { grown, type Policy, type View } from './policy.ts'

/** A policy as its maker documents it. CPU in percent, times in minutes, `every` in seconds. */
type Published = {
  name: string
  title: string
  every: number
  /** Acts when the CPU was above `limit` in each of that many newest minutes. */
  minutes: number
  limit: number
  wanted: (workers: number, cpu: number) => number
  /** How long it waits after the end of the deployment, or of the balancing. */
  cooldown: { minutes: number; after: 'deployment' | 'balancing' }
}

const published = ({ targetCpuPercent: target, cooldownMinutes }: ScalingPolicy): Published[] => [
  {
    // https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/: every 15 s, a tolerance of 10 %, no stabilization
    // upwards, and at most double or four more at once. Its target is ours, so that the sizes can be compared. It counts pods that are not ready as idle.
    name: 'hpa',
    title: "Kubernetes' HPA, same target",
    every: 15,
    minutes: 1,
    limit: target * 1.1,
    wanted: (workers, cpu) => Math.min(Math.ceil((workers * cpu) / target), Math.max(2 * workers, workers + 4)),
    cooldown: { minutes: 0, after: 'deployment' },
  },
  {
    // https://docs.yugabyte.com/stable/yugabyte-cloud/cloud-clusters/autoscaling/: "CPU greater than 65% for 15 minutes" is its example. Its cooldown starts
    // when the cluster is balanced; its length is not documented, so ours is used.
    name: 'aeon',
    title: 'YugabyteDB Aeon, as documented',
    every: 60,
    minutes: 15,
    limit: 65,
    wanted: (workers) => workers + 1,
    cooldown: { minutes: cooldownMinutes, after: 'balancing' },
  },
  {
    // https://github.com/cloudspannerecosystem/autoscaler at 0b116e1, src/poller/README.md and scaling-methods/base.js: 65 ± 5 %, every two
    // minutes, two nodes, or five above 90 %, and a cooldown of five minutes after the end of the operation.
    name: 'spanner',
    title: "Spanner's autoscaler tool, its defaults",
    every: 120,
    minutes: 1,
    limit: 65 + 5,
    wanted: (workers, cpu) => workers + (cpu > 90 ? 5 : 2),
    cooldown: { minutes: 5, after: 'deployment' },
  },
  {
    // https://github.com/mercari/spanner-autoscaler at 679365d, calcDesiredPUFromCPU: whole percents each minute, one node more than the quotient rounded
    // down, no limit to a step, and a minute between two. It has no default target, so ours is used.
    name: 'mercari',
    title: "mercari's spanner-autoscaler, same target",
    every: 60,
    minutes: 1,
    limit: 0,
    wanted: (workers, cpu) => Math.floor((workers * Math.floor(cpu)) / target) + 1,
    cooldown: { minutes: 1, after: 'deployment' },
  },
]

/** The policies of others, with their published numbers. None starts a deployment while one runs. */
export const publishedPolicies = (settings: ScalingPolicy): Policy[] =>
  published(settings).map(({ name, title, every, minutes, limit, wanted, cooldown }) => ({
    name,
    title,
    wokenBy: { every },
    decide(view) {
      const { cpu, state } = view
      if (cpu === undefined || cpu <= limit || !isCooldownOver(view, cooldown)) return undefined
      if (minutes > 1 && (view.lowestCpu(minutes) ?? 0) <= limit) return undefined
      return grown(state, wanted(state.workers, cpu), settings)
    },
  }))

function isCooldownOver(
  { state: { lastScaleOut }, settledSince, now, minute }: View,
  { minutes, after }: Published['cooldown'],
) {
  if (lastScaleOut.kind === 'running') return false
  if (lastScaleOut.kind === 'none') return true
  if (after === 'deployment') return now.getTime() >= lastScaleOut.endedAt.getTime() + minutes * 60_000
  const settled = settledSince()
  return settled !== undefined && minute >= settled / 60 + minutes
}
