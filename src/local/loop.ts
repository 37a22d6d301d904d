import { closeDatabase } from '../citus/connection.ts'
import type { ClusterKind } from '../settings.ts'
import { clusterName, provisioningSeconds, startDemoCluster } from './demo-cluster.ts'
import { startFastTime } from './fast-time.ts'
import { startFunctionsHost } from './functions-host.ts'
import { azureMonitorStandIn, prometheusStandIn } from './grafana/cpu-data-sources.ts'
import { startGrafanaStandIn } from './grafana/grafana-stand-in.ts'
import { postgresqlDataSource } from './grafana/postgresql-data-source.ts'
import { shippedAlerting } from './grafana/shipped-alerting.ts'
import type { LoopEvent } from './loop-event.ts'
import { ruleThresholds } from './page/rule-thresholds.ts'
import { createPage } from './page/start-page.ts'
import { thingsToTry } from './page/things-to-try.ts'
import { restartableFunctions } from './restartable-functions.ts'
import { startSilenceableProxy } from './silenceable-proxy.ts'
import { watchCluster } from './watch-cluster.ts'
import { watchRelief } from './watch-relief.ts'

export type LoopOptions = {
  kind: ClusterKind
  /** How much faster than on Azure: at 60, a second here is a minute there. */
  speed: number
  /** The load in percent of one worker. */
  load: number
  /** Settings by name, to try them; those with the address of the cluster have no effect. */
  settings: Record<string, string | undefined>
  /** The port of the functions and the page; 0 is any free port. */
  port: number
  /** Called for each event, with its time by the loop's clock. */
  onEvent: (event: LoopEvent, at: number) => void
}

export type Loop = {
  /** The address of the functions and the page. */
  url: string
  /** Resolves when the alert that asked for workers has ended and every worker holds shards. */
  relieved: Promise<void>
  stop: () => Promise<void>
}

/** Starts the whole loop on this machine: cluster, functions, load, the stand-in for Grafana with the shipped rule files, and the page. */
export async function startLoop(options: LoopOptions): Promise<Loop> {
  const time = startFastTime(options.speed)
  const cluster = await startDemoCluster(options.kind, time)
  const stops = [() => cluster.stop(), closeDatabase]
  const stop = async () => {
    for (const each of stops.reverse()) await each()
  }
  try {
    const proxy = await startSilenceableProxy(cluster.database.appUrl)
    stops.push(() => proxy.close())
    const environment = {
      ...options.settings,
      ...cluster.settings,
      CLUSTER_NAME: clusterName,
      PG_CONNECTION_URL: proxy.url,
    }
    const app = restartableFunctions(environment, time.date)
    let tell = (event: LoopEvent) => options.onEvent(event, time.now())
    const watch = watchCluster(cluster, { load: options.load, time, onEvent: (event) => tell(event) })
    stops.push(() => watch.stop())
    const alertingFor = (url: string) => shippedAlerting(options.kind, alertingVariables(url, environment))
    const things = thingsToTry({
      cluster,
      load: watch.load,
      setSilent: (on) => proxy.setSilent(on),
      restartFunctions: (changed) => app.restart(changed),
    })
    const setup = {
      startedAt: time.startedAt,
      cluster: `${clusterName}, ${options.kind}`,
      speed: options.speed,
      thresholds: ruleThresholds(await alertingFor('http://127.0.0.1')),
      provisionMinutes: provisioningSeconds / 60,
    }
    const page = createPage(setup, things, time.now)
    tell = (event) => {
      options.onEvent(event, time.now())
      page.hear(event)
    }
    const host = await startFunctionsHost(app.functions, { port: options.port, beside: page.beside })
    stops.push(() => host.close())
    const relief = watchRelief(watch, (event) => tell(event))
    const grafana = startGrafanaStandIn({
      alerting: await alertingFor(host.url),
      now: time.date,
      speed: options.speed,
      dataSources: {
        [`${clusterName}-postgresql`]: postgresqlDataSource(cluster.database.sql),
        [`${clusterName}-azure-monitor`]: azureMonitorStandIn(watch.readings, () => watch.workers().length),
        [`${clusterName}-prometheus`]: prometheusStandIn(watch.readings),
      },
      onEvent: relief.hear,
    })
    const status = page.watchStatus(host.url)
    stops.push(
      () => grafana.stop(),
      () => status.stop(),
    )
    return { url: host.url, relieved: relief.promise, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

const alertingVariables = (url: string, environment: Record<string, string | undefined>) => ({
  AUTOSCALER_URL: url,
  AUTOSCALER_FUNCTION_KEY: '',
  // Without WEBHOOK_SECRETS the signature is not checked, but the rule files need some secret.
  AUTOSCALER_WEBHOOK_SECRET: environment.WEBHOOK_SECRETS?.split(',')[0]?.trim() ?? 'none',
  AUTOSCALER_ALERT_EMAIL: 'people@example.com',
  AZURE_SUBSCRIPTION_ID: environment.AZURE_SUBSCRIPTION_ID ?? '',
  AZURE_RESOURCE_GROUP: environment.AZURE_RESOURCE_GROUP ?? '',
  CLUSTER_NAME: clusterName,
})
