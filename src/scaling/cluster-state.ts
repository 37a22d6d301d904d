/** The facts about a cluster that a decision needs; the same for every kind, whether they come from ARM or from Citus's catalogue. */
export type ClusterState = {
  workers: number
  condition: Condition
  lastScaleOut: LastScaleOut
  sizes: Sizes
}

export type Condition = { kind: 'ready' } | { kind: 'updating'; detail: string } | { kind: 'not-ready'; detail: string }

/** `attempt` counts the failures in a row, from 1; the times are those that ARM or the database recorded. */
export type LastScaleOut =
  | { kind: 'none' }
  | ({ kind: 'running'; detail: string } & Cause)
  | ({ kind: 'succeeded'; endedAt: Date } & Cause)
  | ({ kind: 'failed'; endedAt: Date; attempt: number; error: string } & Cause)

/**
 * From how many workers to how many, why and since when, as far as it was recorded. `blind`: decided while the coordinator was silent.
 */
export type Cause = { from?: number; to?: number; reason?: string; blind?: true; startedAt?: Date }

/** The numbers of workers that a kind of cluster can have: Azure Cosmos DB for PostgreSQL has 0 or at least 2. */
export type Sizes = { smallest: number; largest: number }

/** What the coordinator answered, or that it was silent: an overloaded coordinator may not answer. */
export type Coordinator = { kind: 'answered'; topology: Topology } | { kind: 'silent'; message: string }

/** What the schema `autoscaler` says about the shards and about the rebalance. */
export type Topology = {
  /** Those that may hold shards, and how many shard groups each holds. */
  workers: readonly { node: string; shardGroups: number }[]
  /** All nodes of the cluster, workers or not. */
  nodes: readonly string[]
  /** With more workers than this, one of them could never hold a shard group. */
  usefulWorkers: number
  /** The server takes no writes: its disk is full, or it is a replica. */
  isReadOnly: boolean
  plan: Plan
  /** The newest rebalance, unless there never was one. */
  rebalance: Rebalance | undefined
  isAddingWorkers: boolean
  /** The last start of a rebalance or of adding a worker, if it failed after the request had been answered. */
  failedRebalanceStart: FailedStart | undefined
  failedWorkerStart: FailedStart | undefined
  /** Undefined when the table `worker_count` does not exist. */
  history: History | undefined
}

/** Whether Citus would move shard groups, as the schema says. `isKnown`: Citus was asked, and nothing has changed since. */
export type Plan = {
  reason: 'settled' | 'running' | 'starting' | 'moves' | 'empty-worker'
  isKnown: boolean
  moves: number | undefined
  /** The rebalance strategy that the schema has recorded as the app's. */
  strategy?: string | undefined
  message: string
}

export type Rebalance = {
  job: number
  state: string
  isUnfinished: boolean
  startedAt: Date | undefined
  finishedAt: Date | undefined
  tasksDone: number
  tasksTotal: number
  isStuck: boolean
  /** Why it is stuck, in one word: see `autoscaler.rebalance` in sql/01-autoscaler.sql. */
  cause: string | undefined
  error: string | undefined
  retries: number | undefined
  nextTryAt: Date | undefined
  waitingFor: string | undefined
  failuresInARow: number
  /** Whether `worker_count` has risen since it ended. */
  workerCameSince: boolean
}

export type FailedStart = { endedAt: Date; error: string; failures: number }

/** The history of the number of workers, `worker_count`. */
export type History = {
  isStopped: boolean
  secondsSinceLastRow: number | undefined
  /** When the number of workers last rose, if within a day. */
  lastRiseAt: Date | undefined
  newestCount: number | undefined
}
