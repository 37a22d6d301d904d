import type { ClusterKind, Settings } from '../settings.ts'

/** Everything the simulated world is made of that no file of this project says. Times in seconds, CPU in percent of one worker. */

/** citus.shard_count, and so the shard groups of the tables distributed with its default: https://docs.citusdata.com/en/stable/develop/api_guc.html */
export const shardGroups = 32

/** An assumption: a quarter of the 512 GiB of storage that each of four workers has in Microsoft's quickstart. Spread evenly. */
export const dataBytes = 4 * 128 * 2 ** 30

type TransferMode = Settings['REBALANCE_SHARD_TRANSFER_MODE']

/**
 * Measured with measure-moves.ts on Citus 13.2.2 (README.md): what every shard group costs, and what its bytes cost. Moves run one by one:
 * citus.max_background_task_executors_per_node is 1.
 */
const moves: Readonly<Record<TransferMode, { seconds: number; bytesPerSecond: number }>> = {
  block_writes: { seconds: 1.5, bytesPerSecond: 100e6 },
  force_logical: { seconds: 5, bytesPerSecond: 90e6 },
  auto: { seconds: 5, bytesPerSecond: 90e6 },
}

/** How long one shard group of so many bytes moves. */
export const moveSeconds =
  (mode: TransferMode) =>
  (bytes: number): number =>
    moves[mode].seconds + bytes / moves[mode].bytesPerSecond

/**
 * How long new workers take to come: nine times in ten between these, log-normal. Nobody promises a figure: the old documentation of
 * Citus Cloud says 5 to 10 minutes (citusdata/citus_docs#356), the acceptance tests of Terraform's provider create a cluster in about
 * 1,000 s (hashicorp/terraform-provider-azurerm#21090). A server of a pool is there already: citus_add_node takes 60 ms (measured).
 */
export const provisioningSeconds: Readonly<Record<ClusterKind, readonly [number, number]>> = {
  'cosmosdb-postgresql': [300, 1200],
  'elastic-cluster': [300, 1200],
  citus: [0.06, 0.06],
}

/** What Azure Monitor has of the newest two one-minute points is missing or zero (Azure/azure-libraries-for-net#499). */
export const azureMetricsLate = 120

/** Prometheus scrapes a self-managed cluster; its newest minute is there when it is over. */
const prometheusLate = 60

/** How old the newest minute of CPU is when it can be read, counted from its beginning. */
export const metricsLate = (kind: ClusterKind): number => (kind === 'citus' ? prometheusLate : azureMetricsLate)

/** CPU in percent above which a minute counts against a policy: the blog's threshold, whatever the shipped rules fire at. */
export const overPercent = 80

/** Minutes above or below it that begin or end a stretch. */
export const overPatience = 3

/** Work that waited so long is given up: PgBouncer's default query_wait_timeout, https://www.pgbouncer.org/config.html */
export const longestWait = 120

/** An assumption. The shipped rule takes the coordinator out of the mean; it only shows while the number of workers is changing. */
export const coordinatorCpu = 30

/** worker_count has a row every five seconds: the schedule of this project's cron job. */
export const workerCountInterval = 5

/**
 * What can go wrong around the decisions. Probabilities of a notification, of a deployment, of a rebalance; silences of the coordinator by
 * their number in 30 quiet days, and the probability that one begins in a minute in which a worker has no rest.
 */
export type Faults = {
  lost: number
  duplicated: number
  late: number
  deploymentFails: number
  rebalanceCancelled: number
  silencesAMonth: number
  silentWhenSaturated: number
}

/** Assumptions: an ordinary month. Nobody stops a rebalance: that costs a day whatever the policy, and would drown what they differ by. */
export const ordinaryFaults: Faults = {
  lost: 0.01,
  duplicated: 0.01,
  late: 0.01,
  deploymentFails: 0.05,
  rebalanceCancelled: 0,
  silencesAMonth: 0.5,
  silentWhenSaturated: 0.002,
}

/** Assumptions: a month in which nothing can be relied on. */
export const grossFaults: Faults = {
  lost: 0.2,
  duplicated: 0.2,
  late: 0.2,
  deploymentFails: 0.3,
  rebalanceCancelled: 0.1,
  silencesAMonth: 6,
  silentWhenSaturated: 0.05,
}

/** An assumption: how many hours a silent coordinator is silent, log-uniform. A person has to find out first. */
export const silenceHours: readonly [number, number] = [1, 12]

/** How late a late notification, or the second copy of one, arrives at most. */
export const latestNotification = 600
