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

/** What the coordinator's catalogue tells about where the shards are. */
export type Topology = {
  /** Workers that may hold shards, and how many shard groups of distributed tables each holds. */
  workers: readonly { node: string; shardGroups: number }[]
  /** With more workers than this, one of them could never hold a shard. */
  usefulWorkers: number
  /** The background rebalance under way. */
  rebalance: { job: number; state: string } | undefined
  /** When the number of workers changed last, as far as `worker_count` reaches back. */
  workersChangedAt: Date | undefined
}
