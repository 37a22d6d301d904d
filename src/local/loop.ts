import { closeDatabase } from '../citus/connection.ts'
import { functionTable } from '../functions/function-table.ts'
import type { ClusterKind } from '../settings.ts'
import { clusterName, startDemoCluster } from './demo-cluster.ts'
import { startFunctionsHost } from './functions-host.ts'
import { azureMonitorStandIn, prometheusStandIn } from './grafana/cpu-data-sources.ts'
import { startGrafanaStandIn } from './grafana/grafana-stand-in.ts'
import { postgresqlDataSource } from './grafana/postgresql-data-source.ts'
import { shippedAlerting } from './grafana/shipped-alerting.ts'
import type { LoopEvent } from './loop-event.ts'
import { watchCluster } from './watch-cluster.ts'
import { watchRelief } from './watch-relief.ts'

export type LoopOptions = {
  kind: ClusterKind
  /** How much faster than on Azure all happens: at 60, a second here is a minute there. */
  speed: number
  /** The load in percent of one worker. */
  load: number
  /** Settings to try, by name; those that say where the cluster is have no effect. */
  settings: Record<string, string | undefined>
  /** Of the functions; 0 takes a free one. */
  port: number
  onEvent: (event: LoopEvent) => void
}

export type Loop = {
  /** Of the functions. */
  url: string
  /** Resolves when the alert that asked for workers has ended and every worker holds shards. */
  relieved: Promise<void>
  stop: () => Promise<void>
}

/** Starts the whole loop on this machine: cluster, functions, load, and what plays Grafana on the shipped rule files. */
export async function startLoop(options: LoopOptions): Promise<Loop> {
  const { kind, speed, load, port, onEvent } = options
  const cluster = await startDemoCluster(kind, speed)
  const environment: Record<string, string | undefined> = {
    ...options.settings,
    ...cluster.settings,
    CLUSTER_NAME: clusterName,
    PG_CONNECTION_URL: cluster.database.url,
  }
  const host = await startFunctionsHost(functionTable({ environment, now: () => new Date() }), { port }).catch(
    async (error: unknown) => {
      await cluster.stop()
      throw error
    },
  )
  const watch = watchCluster(cluster, { load, speed, onEvent })
  const relief = watchRelief(watch, onEvent)
  const grafana = startGrafanaStandIn({
    alerting: await shippedAlerting(kind, {
      AUTOSCALER_URL: host.url,
      AUTOSCALER_FUNCTION_KEY: '',
      // Nobody checks it when there is none, but Grafana signs with something.
      AUTOSCALER_WEBHOOK_SECRET: options.settings.WEBHOOK_SECRETS?.split(',')[0]?.trim() ?? 'none',
      AUTOSCALER_ALERT_EMAIL: 'people@example.com',
      AZURE_SUBSCRIPTION_ID: environment.AZURE_SUBSCRIPTION_ID ?? '',
      AZURE_RESOURCE_GROUP: environment.AZURE_RESOURCE_GROUP ?? '',
      CLUSTER_NAME: clusterName,
    }),
    speed,
    dataSources: {
      [`${clusterName}-postgresql`]: postgresqlDataSource(cluster.database.sql),
      [`${clusterName}-azure-monitor`]: azureMonitorStandIn(watch.readings, () => watch.workers().length),
      [`${clusterName}-prometheus`]: prometheusStandIn(watch.readings),
    },
    onEvent: relief.hear,
  })
  return {
    url: host.url,
    relieved: relief.promise,
    async stop() {
      await grafana.stop()
      await watch.stop()
      await host.close()
      await closeDatabase()
      await cluster.stop()
    },
  }
}
