import { rebalanceMode } from '../functions/scaling-policy.ts'
import type { Alerting } from '../local/grafana/read-alerting.ts'
import type { Sizes } from '../scaling/cluster-state.ts'
import type { Settings } from '../settings.ts'
import { meanCpu } from '../webhook/mean-cpu.ts'
import { parseNotification } from '../webhook/notification.ts'
import { triage, type Address } from '../webhook/triage.ts'
import { blogAlerting } from './blog-rule.ts'
import type { MinuteLog } from './cluster-load.ts'
import { dateAt, type Load } from './load.ts'
import { createNotificationDelivery } from './notification-delivery.ts'
import { metricsOf } from './metrics.ts'
import type { Policy } from './policy.ts'
import { randomStream, type RandomStream } from './random-stream.ts'
import { createSimulatedCluster, type Growth, type SimulatedCluster } from './simulated-cluster.ts'
import { simulatedGrafana, type SimulatedGrafana } from './simulated-grafana.ts'
import { firingRules } from './shipped-rule.ts'
import { createSilences, type Silence } from './silences.ts'
import { metricsLate, moveSeconds, provisioningSeconds, type Faults } from './world-facts.ts'

export type World = {
  settings: Settings
  alerting: Alerting
  sizes: Sizes
  /** The number at the start. */
  workers: number
  faults: Faults
  seed: number
  /** CPU in percent above which a minute counts against a policy. */
  over: number
}

export type Run = {
  policy: Policy
  load: Load
  log: MinuteLog
  growths: readonly Growth[]
  /** When Grafana sent a notification that asks for scale-out. */
  notifiedAt: readonly number[]
  /** Orders that were refused because a deployment was running. */
  refused: number
  silences: readonly Silence[]
}

/** Runs a load under one policy, in virtual time. The same world gives the same run. */
export function runPolicy(policy: Policy, load: Load, world: World): Run {
  const { settings, alerting, faults, seed } = world
  const kind = settings.cluster.CLUSTER_KIND
  const random = (purpose: string) => randomStream(seed, `${purpose} ${load.name}`)
  const silences = createSilences(random('silences of the coordinator'), load, faults)
  const cluster = createSimulatedCluster({
    ...world,
    load,
    silences,
    moveSeconds: moveSeconds(settings.REBALANCE_SHARD_TRANSFER_MODE),
    nextDeployment: deployments(random('deployments'), provisioningSeconds[kind], faults),
    nextCancellation: cancellations(random('cancelled rebalances'), faults),
  })
  const metrics = metricsOf(cluster, load, kind)
  const phase = Math.floor(random('phase of evaluation').uniform() * 60)
  const isNotified = typeof policy.wokenBy === 'string'
  const alertingOfPolicy = policy.wokenBy === 'blog-rule' ? blogAlerting(alerting, metricsLate(kind)) : alerting
  const { threshold, window } = firingRules(alertingOfPolicy)
  const scaleOut = simulatedGrafana({
    alerting: alertingOfPolicy,
    action: 'scale-out',
    metrics,
    phase,
    isCalm: (now) => metrics.isCalm(now, window, threshold),
  })
  const rebalance = simulatedGrafana({
    alerting,
    action: 'rebalance',
    metrics,
    phase: phase % 10,
    isCalm: () => false,
  })
  // The name seeds the stream: another one would change every figure of the README.
  const notifications = createNotificationDelivery(random('fates of notifications'), faults)
  const notifiedAt: number[] = []
  let refused = 0

  function ask(now: number, cpu: number | undefined): boolean {
    const { coordinator, settledSince } = cluster
    // Kind citus needs the coordinator to add workers: the answer is citus-unavailable.
    if (kind === 'citus' && coordinator().kind === 'silent') return false
    const order = policy.decide({
      now: dateAt(now),
      minute: Math.floor(now / 60),
      state: cluster.state(),
      coordinator,
      settledSince,
      cpu,
      lowestCpu: (minutes) => metrics.lowestCpu(now, minutes),
    })
    const isAccepted = !order || cluster.scaleOut(order)
    if (!isAccepted) refused++
    return isAccepted
  }

  function receiveScaleOut(body: string, now: number): boolean {
    const cpu = cpuOf(body, { action: 'scale-out', cluster: settings.CLUSTER_NAME }, settings.SCALE_OUT_CPU_REF_ID)
    return cpu === 'ignored' || ask(now, cpu)
  }

  const receiveRebalance = (body: string) =>
    cpuOf(body, { action: 'rebalance', cluster: settings.CLUSTER_NAME }, '') === 'ignored' ||
    cluster.rebalance(rebalanceMode(settings))

  const end = load.minutes.length * 60
  const every = typeof policy.wokenBy === 'string' ? Infinity : policy.wokenBy.every
  let nextLook = every
  let now = 0
  for (;;) {
    const watchesRebalance = hasRecentGrowth(cluster, now) || rebalance.isAlerting()
    const grafanas = [...(isNotified ? [scaleOut] : []), ...(watchesRebalance ? [rebalance] : [])]
    now = Math.min(
      cluster.nextAt(),
      notifications.nextAt(),
      nextLook,
      ...grafanas.map((grafana) => grafana.nextAt(now)),
    )
    if (now > end) break
    cluster.advance(now)
    notifications.deliverDue(now)
    for (const grafana of grafanas) step(grafana)
    if (now === nextLook) {
      ask(now, metrics.newestCpu(now))
      nextLook += every
    }
  }
  return { policy, load, log: cluster.log, growths: cluster.growths, notifiedAt, refused, silences: silences.all }

  function step(grafana: SimulatedGrafana) {
    grafana.evaluate(now)
    const receive = grafana === scaleOut ? receiveScaleOut : receiveRebalance
    for (const due of grafana.due(now)) {
      if (grafana === scaleOut) notifiedAt.push(now)
      notifications.post(now, due, receive)
    }
  }
}

/** The CPU in a notification, read as the functions read it. */
function cpuOf(body: string, address: Address, refId: string): number | undefined | 'ignored' {
  const parsed = parseNotification(body)
  if (!parsed.ok) throw new Error(`the functions would refuse this notification: ${parsed.problems.join('; ')}`)
  const judged = triage(parsed.notification, address)
  return judged.kind === 'ignore' ? 'ignored' : meanCpu(judged.firing, refId)
}

/** Durations are log-normal, with 90 % of them between `low` and `high`. */
function deployments(random: RandomStream, [low, high]: readonly [number, number], { deploymentFails }: Faults) {
  const fromMedianToHigh = Math.log(high / low) / 2
  return () => ({
    seconds: Math.sqrt(low * high) * Math.exp((fromMedianToHigh / 1.645) * random.normal()),
    succeeds: !random.chance(deploymentFails),
  })
}

/** The share of its moves after which a person stops a rebalance; undefined when nobody does. */
function cancellations(random: RandomStream, { rebalanceCancelled }: Faults) {
  return () => {
    const share = random.uniform()
    return random.chance(rebalanceCancelled) ? share : undefined
  }
}

/** Longer than any window and interval of the rebalance rules: that long after a change, they find nothing. */
const quietAfter = 15 * 60

/** Whether the rebalance rules may find something. If not, their evaluation every 10 s is skipped, which changes no result. */
function hasRecentGrowth({ growths }: SimulatedCluster, now: number): boolean {
  const last = growths.findLast(({ succeeds, endsAt }) => succeeds && endsAt <= now)
  return last !== undefined && now < Math.max(last.endsAt, last.rebalance?.endedAt ?? Infinity) + quietAfter
}
