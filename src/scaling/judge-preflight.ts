/** The facts of a cluster that decide whether a rebalance can start, as the coordinator tells them. */
export type RebalanceFacts = {
  isCoordinator: boolean
  walLevel: string
  inactiveWorkers: readonly string[]
  withoutReplicaIdentity: readonly string[]
  orphanedShards: number
}

export type Findings = { blocking: string[]; warnings: string[] }

/**
 * What stands in the way of a rebalance, and what only deserves a word. Without these checks Citus either refuses later, job by job,
 * or, on a worker, does not refuse at all: it keeps a job there that nobody sees and that can never end.
 */
export function judgePreflight(
  facts: RebalanceFacts,
  transferMode: 'auto' | 'force_logical' | 'block_writes',
): Findings {
  const blocking: string[] = []
  const warnings: string[] = []
  if (!facts.isCoordinator)
    blocking.push(
      'PG_CONNECTION_URL leads to a worker, not to the coordinator (an elastic cluster has it on port 5432, not 7432)',
    )
  if (transferMode !== 'block_writes' && facts.walLevel !== 'logical')
    blocking.push(`shard transfer mode ${transferMode} needs wal_level = logical; it is ${facts.walLevel}`)
  const bare = facts.withoutReplicaIdentity
  if (transferMode === 'auto' && bare.length > 0)
    blocking.push(`mode auto needs a primary key or replica identity on ${list(bare)}; or use block_writes`)
  if (transferMode === 'force_logical' && bare.length > 0)
    warnings.push(`updates and deletes on ${list(bare)} fail while its shards move: it has no replica identity`)
  if (facts.inactiveWorkers.length > 0) warnings.push(`inactive workers get no shards: ${list(facts.inactiveWorkers)}`)
  if (facts.orphanedShards > 0)
    warnings.push(
      `leftovers of earlier moves wait for clean-up: ${facts.orphanedShards}; a move that meets one fails and is tried again`,
    )
  return { blocking, warnings }
}

const list = (names: readonly string[]) =>
  names.length > 5 ? `${names.slice(0, 5).join(', ')} and ${names.length - 5} more` : names.join(', ')
