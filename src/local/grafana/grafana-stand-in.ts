import { createAlertEngine, firingCount, type Delivery } from './alert-engine.ts'
import type { InstanceState } from './instance-state.ts'
import type { DataSource } from './data-source.ts'
import type { QueryResult } from './evaluate-rule.ts'
import { notificationBody } from './notification-body.ts'
import { externalUrl } from './render-annotation.ts'
import { postNotification, type PostResult } from './post-notification.ts'
import type { Alerting, AlertRule, DataSourceQuery } from './read-alerting.ts'

export type GrafanaEvent =
  | { kind: 'evaluated'; rule: AlertRule; instances: readonly InstanceState[] }
  | { kind: 'evaluation-failed'; rule: AlertRule; refId: string; message: string }
  | {
      kind: 'posted'
      receiver: string
      status: 'firing' | 'resolved'
      alerts: Delivery['alerts']
      body: string
      sentAt: Date
      result: PostResult
    }
  | { kind: 'people-notified'; receiver: string; status: 'firing' | 'resolved'; alerts: Delivery['alerts'] }

export type GrafanaStandInOptions = {
  alerting: Alerting
  /** By the uid of the data source. */
  dataSources: Readonly<Record<string, DataSource>>
  onEvent: (event: GrafanaEvent) => void
  now?: () => Date
  /** How much faster than the machine's clock `now` runs. */
  speed?: number
  fetch?: typeof fetch
}

export type GrafanaStandIn = { stop: () => Promise<void> }

/**
 * Stands in for Grafana: evaluates the rules at their intervals, groups and repeats firing alerts as their routes say, and posts them to
 * the webhooks of the contact points over HTTP. Throws when the data source or the contact point of a rule does not exist.
 */
export function startGrafanaStandIn(options: GrafanaStandInOptions): GrafanaStandIn {
  const { alerting, dataSources, onEvent, speed = 1, now = () => new Date() } = options
  const engine = createAlertEngine(alerting, now())
  for (const { uid, queries } of alerting.rules) for (const { dataSource } of queries) dataSourceOf(dataSource, uid)
  const stopping = new AbortController()
  const underWay = new Set<Promise<void>>()
  const evaluating = new Set<AlertRule>()
  let timer = setTimeout(tick, 0)

  function tick() {
    clearTimeout(timer)
    if (stopping.signal.aborted) return
    for (const rule of engine.takeDueRules(now())) if (!evaluating.has(rule)) track(evaluate(rule))
    for (const delivery of engine.takeDueDeliveries(now())) track(deliver(delivery))
    timer = setTimeout(tick, Math.max(0, (engine.nextAt().getTime() - now().getTime()) / speed))
  }

  function track(work: Promise<void>) {
    // An error here is a defect of the stand-in or of its observer: it must end the process.
    underWay.add(work)
    void work.finally(() => underWay.delete(work))
  }

  async function evaluate(rule: AlertRule) {
    evaluating.add(rule)
    const at = now()
    const answers = await Promise.all(rule.queries.map(async (query) => [query.refId, await ask(query, at)] as const))
    evaluating.delete(rule)
    if (stopping.signal.aborted) return
    const evaluation = engine.evaluate(rule, new Map(answers), now())
    if (evaluation.kind === 'error') onEvent({ ...evaluation, kind: 'evaluation-failed', rule })
    else onEvent({ kind: 'evaluated', rule, instances: engine.instancesOf(rule) })
    tick()
  }

  async function ask(query: DataSourceQuery, at: Date): Promise<QueryResult> {
    const ago = (seconds: number) => new Date(at.getTime() - seconds * 1000)
    try {
      const range = { from: ago(query.from), to: ago(query.to) }
      return { ok: true, values: await dataSourceOf(query.dataSource, query.refId)(query, range) }
    } catch (error) {
      return { ok: false, message: error instanceof Error ? error.message : String(error) }
    }
  }

  function dataSourceOf(uid: string, user: string): DataSource {
    const found = dataSources[uid]
    if (!found)
      throw new Error(`${user} asks the data source ${uid}, which is none of ${Object.keys(dataSources).join(', ')}`)
    return found
  }

  async function deliver(delivery: Delivery) {
    const { receiver, integration, alerts } = delivery
    const status = firingCount(delivery) > 0 ? 'firing' : 'resolved'
    if (integration.kind === 'other') {
      engine.settle(delivery, true, now())
      return onEvent({ kind: 'people-notified', receiver, status, alerts })
    }
    const body = JSON.stringify(notificationBody(alerts, { ...delivery, externalUrl }))
    const sentAt = now()
    const result = await postNotification(integration.settings, body, {
      now: sentAt,
      signal: stopping.signal,
      fetch: options.fetch,
    })
    if (stopping.signal.aborted) return
    engine.settle(delivery, result.delivered, now())
    onEvent({ kind: 'posted', receiver, status, alerts, body, sentAt, result })
    tick()
  }

  return {
    async stop() {
      stopping.abort()
      clearTimeout(timer)
      await Promise.all(underWay)
    },
  }
}
