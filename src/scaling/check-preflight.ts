/** The facts that decide whether a rebalance can start and whether its moves can succeed; read by `autoscaler.read_preflight`. */
export type RebalanceFacts = {
  citusVersion: string
  walLevel: string
  inactiveWorkers: readonly string[]
  /** Workers with shards that a person took out of service (`shouldhaveshards` is false). */
  outOfService: readonly string[]
  withoutReplicaIdentity: readonly string[]
  leftovers: number
  /** Of `idle_in_transaction_session_timeout`, in milliseconds; 0 is none. */
  idleInTransactionTimeout: number
  maxWorkerProcesses: number
  maxReplicationSlots: number
  executors: number
  executorsPerNode: number
}

export type TransferMode = 'auto' | 'force_logical' | 'block_writes'
export type Findings = { blocking: string[]; warnings: string[] }

type Check = (facts: RebalanceFacts, mode: TransferMode) => string | false

/** Citus refuses these itself, but later and for each move. */
const blocks: readonly Check[] = [
  ({ walLevel }, mode) =>
    mode !== 'block_writes' &&
    walLevel !== 'logical' &&
    `shard transfer mode ${mode} needs wal_level = logical; it is ${walLevel}`,
  ({ withoutReplicaIdentity: bare }, mode) =>
    mode === 'auto' &&
    bare.length > 0 &&
    `mode auto needs a primary key or replica identity on ${list(bare)}; or use block_writes`,
]

const warns: readonly Check[] = [
  ({ withoutReplicaIdentity: bare }, mode) =>
    mode === 'force_logical' &&
    bare.length > 0 &&
    `updates and deletes on ${list(bare)} fail while its shards move: it has no replica identity`,
  ({ inactiveWorkers }) => inactiveWorkers.length > 0 && `inactive workers get no shards: ${list(inactiveWorkers)}`,
  ({ outOfService }) =>
    outOfService.length > 0 &&
    `with anything else to move, a rebalance also moves all shards off ${list(outOfService)}, which a person took out of service (shouldhaveshards)`,
  ({ leftovers }) =>
    leftovers > 0 &&
    `leftovers of earlier moves wait for clean-up: ${leftovers}; a move that meets one fails and is tried again`,
  // citusdata/citus#8484: metadata connections are idle in a transaction while shards are copied
  ({ idleInTransactionTimeout: timeout, citusVersion }, mode) =>
    mode === 'block_writes' &&
    timeout > 0 &&
    isBefore(citusVersion, [13, 2, 1]) &&
    `moves longer than idle_in_transaction_session_timeout (${timeout} ms) fail before Citus 13.2.1: set it to 0`,
  ({ maxWorkerProcesses, executors }) =>
    maxWorkerProcesses < executors + reservedProcesses &&
    `max_worker_processes is ${maxWorkerProcesses}, too few for ${executors} citus.max_background_task_executors: moves may never begin`,
  ({ maxReplicationSlots, executorsPerNode }, mode) =>
    mode !== 'block_writes' &&
    maxReplicationSlots < executorsPerNode &&
    `max_replication_slots is ${maxReplicationSlots}, fewer than citus.max_background_task_executors_per_node (${executorsPerNode})`,
]

/** Logical replication's launcher, pg_cron, Citus's maintenance daemon and its queue monitor need one each. */
const reservedProcesses = 4

/** What keeps a rebalance from starting (`blocking`), and what may make moves fail or wait (`warnings`). */
export function checkPreflight(facts: RebalanceFacts, transferMode: TransferMode): Findings {
  const found = (checks: readonly Check[]) =>
    checks.map((check) => check(facts, transferMode)).filter((finding) => finding !== false)
  return { blocking: found(blocks), warnings: found(warns) }
}

function isBefore(version: string, than: readonly number[]): boolean {
  const parts = version.split('.').map(Number)
  const index = than.findIndex((part, place) => part !== (parts[place] ?? 0))
  return index >= 0 && (parts[index] ?? 0) < (than[index] ?? 0)
}

const list = (names: readonly string[]) =>
  names.length > 5 ? `${names.slice(0, 5).join(', ')} and ${names.length - 5} more` : names.join(', ')
