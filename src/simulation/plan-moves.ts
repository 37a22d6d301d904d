export type Move = { shardGroup: number; target: number }

/**
 * The moves of a rebalance by_shard_count: from the fullest worker to the emptiest, until they differ by at most one.
 * @param placements the worker of each shard group
 */
export function planMoves(placements: readonly number[], workers: number): Move[] {
  const groups: number[][] = Array.from({ length: workers }, () => [])
  placements.forEach((worker, shardGroup) => groups[worker]?.push(shardGroup))
  const moves: Move[] = []
  for (;;) {
    const counts = groups.map(({ length }) => length)
    const source = counts.indexOf(Math.max(...counts))
    const target = counts.indexOf(Math.min(...counts))
    if ((counts[source] ?? 0) - (counts[target] ?? 0) <= 1) return moves
    const shardGroup = groups[source]?.pop()
    if (shardGroup === undefined) return moves
    groups[target]?.push(shardGroup)
    moves.push({ shardGroup, target })
  }
}
