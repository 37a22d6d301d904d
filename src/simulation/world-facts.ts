import type { ClusterKind, Settings } from '../settings.ts'

// Facts and assumptions of the simulation that are in no other file of this project. Times in seconds, CPU in percent of one worker.

/** The default of citus.shard_count, and so the number of shard groups: https://docs.citusdata.com/en/stable/develop/api_guc.html */
export const shardGroups = 32

/** An assumption: a quarter of the storage in Microsoft's quickstart, four workers with 512 GiB each. Spread evenly. */
export const dataBytes = 4 * 128 * 2 ** 30

type TransferMode = Settings['REBALANCE_SHARD_TRANSFER_MODE']

/**
 * Measured with measure-moves.ts on Citus 13.2.2 (README.md): the time per shard group, and per byte. Moves run one after another:
 * citus.max_background_task_executors_per_node is 1.
 */
const moves: Readonly<Record<TransferMode, { seconds: number; bytesPerSecond: number }>> = {
  block_writes: { seconds: 1.5, bytesPerSecond: 100e6 },
  force_logical: { seconds: 5, bytesPerSecond: 90e6 },
  auto: { seconds: 5, bytesPerSecond: 90e6 },
}

/** How long the move of one shard group of that many bytes takes. */
export const moveSeconds =
  (mode: TransferMode) =>
  (bytes: number): number =>
    moves[mode].seconds + bytes / moves[mode].bytesPerSecond

/**
 * How long new workers take to come: log-normal, 90 % between these. No figure is guaranteed: the old documentation of
 * Citus Cloud says 5 to 10 minutes (citusdata/citus_docs#356), the acceptance tests of Terraform's provider create a cluster in about
 * 1,000 s (hashicorp/terraform-provider-azurerm#21090). A server of a pool is there already: citus_add_node takes 60 ms (measured).
 */
export const provisioningSeconds: Readonly<Record<ClusterKind, readonly [number, number]>> = {
  'cosmosdb-postgresql': [300, 1200],
  'elastic-cluster': [300, 1200],
  citus: [0.06, 0.06],
}

/** What Azure Monitor has of the newest two one-minute points is missing or zero (Azure/azure-libraries-for-net#499). */
const azureMetricsLate = 120

/** Prometheus scrapes a self-managed cluster; a minute can be read as soon as it has ended. */
const prometheusLate = 60

/** How old the newest minute of CPU is when it can be read, counted from its beginning. */
export const metricsLate = (kind: ClusterKind): number => (kind === 'citus' ? prometheusLate : azureMetricsLate)

/** CPU in percent above which a minute counts against a policy: the blog's threshold, not that of the shipped rules. */
export const overPercent = 80

/** Minutes above or below it that begin or end a period. */
export const overPatience = 3

/** Work that has waited that long is dropped: PgBouncer's default query_wait_timeout, https://www.pgbouncer.org/config.html */
export const longestWait = 120

/** An assumption. The shipped rule removes the coordinator from the mean, so it only matters while the number of workers is changing. */
export const coordinatorCpu = 30

/** worker_count has a row every five seconds: the schedule of this project's cron job. */
export const workerCountInterval = 5

/**
 * What can go wrong. Probabilities per notification, deployment and rebalance; the number of silences of the coordinator in 30 quiet days,
 * and the probability that one begins in a minute in which a worker is saturated.
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

/** Assumptions: an ordinary month. Nobody stops a rebalance: that costs a day with any policy, and would hide their differences. */
export const ordinaryFaults: Faults = {
  lost: 0.01,
  duplicated: 0.01,
  late: 0.01,
  deploymentFails: 0.05,
  rebalanceCancelled: 0,
  silencesAMonth: 0.5,
  silentWhenSaturated: 0.002,
}

/** Assumptions: a month in which much goes wrong. */
export const grossFaults: Faults = {
  lost: 0.2,
  duplicated: 0.2,
  late: 0.2,
  deploymentFails: 0.3,
  rebalanceCancelled: 0.1,
  silencesAMonth: 6,
  silentWhenSaturated: 0.05,
}

/** An assumption: the duration of a silence in hours, log-uniform. A person has to notice it first. */
export const silenceHours: readonly [number, number] = [1, 12]

/** The greatest delay of a late notification, or of the second copy of one. */
export const latestNotification = 600
