/** What a decision needs to know of a cluster, whatever its kind: the same facts for ARM's resource and for a catalogue. */
export type ClusterState = {
  workers: number
  condition: Condition
  lastScaleOut: LastScaleOut
  sizes: Sizes
}

export type Condition = { kind: 'ready' } | { kind: 'updating'; detail: string } | { kind: 'not-ready'; detail: string }

/** `attempt` counts the tries in a row, the first being 1; times are those of the record that the cluster's API keeps. */
export type LastScaleOut =
  | { kind: 'none' }
  | ({ kind: 'running'; detail: string } & Cause)
  | ({ kind: 'succeeded'; endedAt: Date } & Cause)
  | ({ kind: 'failed'; endedAt: Date; attempt: number; error: string } & Cause)

/**
 * From how many workers to how many, why and since when, as far as the record tells. `blind`: it was decided while the coordinator was
 * silent.
 */
export type Cause = { from?: number; to?: number; reason?: string; blind?: true; startedAt?: Date }

/** The numbers of workers that a kind of cluster can have: Azure Cosmos DB for PostgreSQL has 0 or at least 2. */
export type Sizes = { smallest: number; largest: number }

/** What the coordinator said, or that it was silent: it may be the very thing that is overloaded. */
export type Coordinator = { kind: 'answered'; topology: Topology } | { kind: 'silent'; message: string }

/** What the schema `autoscaler` tells: where the shards are, and what becomes of them. */
export type Topology = {
  /** Those that may hold shards, and how many shard groups each holds. */
  workers: readonly { node: string; shardGroups: number }[]
  /** All nodes of the cluster, workers or not. */
  nodes: readonly string[]
  /** With more workers than this, one of them could never hold a shard group. */
  usefulWorkers: number
  /** As a full disk or a replica does. */
  isReadOnly: boolean
  plan: Plan
  /** The newest rebalance, unless there never was one. */
  rebalance: Rebalance | undefined
  isAddingWorkers: boolean
  /** The last start of its kind, where it failed after the answer was given. */
  failedRebalanceStart: FailedStart | undefined
  failedWorkerStart: FailedStart | undefined
  /** Undefined when `worker_count` is not there. */
  history: History | undefined
}

/** Whether Citus would move shard groups, as the schema judges it. `isKnown`: Citus was asked, and nothing has changed since. */
export type Plan = {
  reason: 'settled' | 'running' | 'starting' | 'moves' | 'empty-worker'
  isKnown: boolean
  moves: number | undefined
  /** The one that the schema knows as that of the app. */
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
  /** Why it is stuck, in one word of the schema's. */
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
  /** When the number of workers rose last, within a day. */
  lastRiseAt: Date | undefined
  newestCount: number | undefined
}
