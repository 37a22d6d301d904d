/** Free and total space of the workers' disks in bytes, and the percentage that must be free on a worker after a move to it. */
export type Disks = {
  wantedPercent: number
  disks: readonly { node: string; available: number; total: number }[]
}

/** Most shard groups are smaller than this part of a disk. */
const marginPercent = 5

/** Warns of workers whose disks are nearly full: Citus refuses to move shards there (shard_transfer.c, CheckSpaceConstraints). */
export function checkDisks({ wantedPercent, disks }: Disks): string[] {
  return disks.flatMap(({ node, available, total }) => {
    const free = (available / total) * 100
    if (!(free < wantedPercent + marginPercent)) return []
    const mayFail = free < wantedPercent ? 'fails' : 'may fail'
    return `a move to ${node} ${mayFail}: ${free.toFixed(1)} % of its disk is free, and ${wantedPercent} % must be left after it (citus.desired_percent_disk_available_after_move)`
  })
}
