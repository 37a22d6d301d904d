/** How full the workers' disks are, in bytes, and how many percent a move must leave free on its target. */
export type Disks = {
  wantedPercent: number
  disks: readonly { node: string; available: number; total: number }[]
}

/** A shard group is seldom larger than this part of a disk. */
const marginPercent = 5

/** What Citus would say of a move to a worker whose disk is nearly full, before it is tried (shard_transfer.c, CheckSpaceConstraints). */
export function judgeDisks({ wantedPercent, disks }: Disks): string[] {
  return disks.flatMap(({ node, available, total }) => {
    const free = (available / total) * 100
    if (!(free < wantedPercent + marginPercent)) return []
    const mayFail = free < wantedPercent ? 'fails' : 'may fail'
    return `a move to ${node} ${mayFail}: ${free.toFixed(1)} % of its disk is free, and ${wantedPercent} % must be left after it (citus.desired_percent_disk_available_after_move)`
  })
}
