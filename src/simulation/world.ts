import { shippedAlerting } from '../local/grafana/shipped-alerting.ts'
import type { Settings } from '../settings.ts'
import type { Arguments } from './read-arguments.ts'
import type { World } from './run-policy.ts'
import { sizesOf } from './simulated-settings.ts'
import { ordinaryFaults, overPercent } from './world-facts.ts'

/** The number of workers at the start of a built-in load. */
export const usualWorkers = 4

/** The world except the number of workers, which may depend on the load. Throws when a cluster can't have that many. */
export async function worldFor(
  settings: Settings,
  { seed, over = overPercent }: Pick<Arguments, 'seed' | 'over'>,
): Promise<(workers: number) => World> {
  const alerting = await shippedAlerting(settings.cluster.CLUSTER_KIND, {
    AUTOSCALER_URL: 'http://simulated',
    AUTOSCALER_FUNCTION_KEY: '',
    AUTOSCALER_WEBHOOK_SECRET: 'simulated',
    AUTOSCALER_ALERT_EMAIL: 'simulated@example.com',
    AZURE_SUBSCRIPTION_ID: 'simulated',
    AZURE_RESOURCE_GROUP: 'simulated',
    CLUSTER_NAME: settings.CLUSTER_NAME,
    SCALE_OUT_MAX_WORKERS: String(settings.SCALE_OUT_MAX_WORKERS),
  })
  return (workers) => {
    const sizes = sizesOf(settings, workers)
    const largest = Math.min(sizes.largest, settings.SCALE_OUT_MAX_WORKERS)
    if (workers < sizes.smallest || workers > largest)
      throw new Error(
        `--workers ${workers}: such a cluster has ${sizes.smallest} to ${largest} (SCALE_OUT_MAX_WORKERS)`,
      )
    return { settings, alerting, sizes, workers, faults: ordinaryFaults, seed, over }
  }
}
