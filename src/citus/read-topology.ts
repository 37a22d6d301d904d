import type { Sql } from 'postgres'
import * as z from 'zod/mini'
import type { Plan, Topology } from '../scaling/cluster-state.ts'
import type { RebalanceFacts } from '../scaling/check-preflight.ts'
import { isUpstreamError, UpstreamError } from '../upstream-error.ts'
import { ask, statement } from './connection.ts'
import type { Database } from './database.ts'
import { singleFlight } from '../single-flight.ts'
import { parseAnswer } from './parse-answer.ts'

const readMilliseconds = 5_000
/** The least time for asking for the plan, however long recording the strategy took. */
const leastMilliseconds = 500
const schemaVersion = 3

const time = z.pipe(
  z.nullish(z.string()),
  z.transform((text) => (text == null ? undefined : new Date(text))),
)
const optional = <T extends z.ZodMiniType>(type: T) =>
  z.pipe(
    z.nullish(type),
    z.transform((value) => value ?? undefined),
  )

const failedStartSchema = z.object({ endedAt: z.coerce.date(), error: z.string(), failures: z.number() })

const settledSchema = z.object({
  reason: z.enum(['settled', 'running', 'starting', 'moves', 'empty-worker']),
  moves: optional(z.number()),
  known: z.boolean(),
  strategy: optional(z.string()),
  message: z.string(),
})

const clusterSchema = z.object({
  version: z.number(),
  isCoordinator: z.boolean(),
  isReadOnly: z.boolean(),
  nodes: z.array(z.object({ node: z.string(), isWorker: z.boolean(), shardGroups: z.number() })),
  usefulWorkers: z.number(),
  settled: settledSchema,
  isAddingWorkers: z.boolean(),
  rebalance: optional(
    z.object({
      job: z.number(),
      state: z.string(),
      unfinished: z.boolean(),
      startedAt: time,
      finishedAt: time,
      tasksDone: z.number(),
      tasksTotal: z.number(),
      stuck: z.boolean(),
      cause: optional(z.string()),
      error: optional(z.string()),
      retries: optional(z.number()),
      nextTryAt: time,
      waitingFor: optional(z.string()),
      failuresInARow: z.number(),
      workerCameSince: z.boolean(),
    }),
  ),
  failedStarts: z.object({ rebalance: z.optional(failedStartSchema), 'add-worker': z.optional(failedStartSchema) }),
  history: optional(
    z.object({
      stopped: z.boolean(),
      secondsSinceLastRow: optional(z.number()),
      lastRiseAt: time,
      newestCount: optional(z.number()),
    }),
  ),
})

const preflightSchema = z.object({
  citusVersion: z.string(),
  walLevel: z.string(),
  inactiveWorkers: z.array(z.string()),
  outOfService: z.array(z.string()),
  withoutReplicaIdentity: z.array(z.string()),
  leftovers: z.number(),
  idleInTransactionTimeout: z.number(),
  maxWorkerProcesses: z.number(),
  maxReplicationSlots: z.number(),
  executors: z.number(),
  executorsPerNode: z.number(),
})

type BeforeRebalance = { topology: Topology; facts: RebalanceFacts }

const topologies = singleFlight<Database, Topology>()
const beforeRebalances = singleFlight<Database, BeforeRebalance>()
const plans = singleFlight<Database, Plan>()

/**
 * Reads where the shards are, and the state of the rebalance, in one round trip and within 5 s. Concurrent calls share one query.
 * @param strategy the rebalance strategy in use
 * @throws UpstreamError citus-refused (no schema `autoscaler`, or an older one; no right), citus-unavailable
 */
export async function readTopology(database: Database, strategy: string): Promise<Topology> {
  const read = (sql: Sql) => statement(sql, readMilliseconds, `SELECT ${readCall(strategy)} AS cluster`)
  const { result } = await topologies(database, async () => {
    const [row] = await ask(database, 'tell where the shards are', readMilliseconds, read)
    return topologyOf(row?.cluster)
  })
  return result
}

/** The same, and the facts for `checkPreflight`. */
export async function readBeforeRebalance(database: Database, strategy: string): Promise<BeforeRebalance> {
  const call = `SELECT ${readCall(strategy)} AS cluster, autoscaler.read_preflight() AS preflight`
  const { result } = await beforeRebalances(database, async () => {
    const [row] = await ask(database, 'look before a rebalance', readMilliseconds, (sql) =>
      statement(sql, readMilliseconds, call),
    )
    const facts = parseAnswer(preflightSchema, row?.preflight, 'autoscaler.read_preflight')
    return { topology: topologyOf(row?.cluster), facts }
  })
  return result
}

/**
 * Adds Citus's plan to the topology; Citus is asked only when the schema has no plan that is still valid. When the plan can't be had in
 * time, the topology is returned unchanged, with a warning.
 * @throws UpstreamError citus-refused, as a rebalance would be
 */
export async function withPlan(
  database: Database,
  strategy: string,
  topology: Topology,
  milliseconds: number,
): Promise<{ topology: Topology; warnings: string[] }> {
  const { plan } = topology
  if (plan.isKnown || plan.reason === 'running' || plan.reason === 'starting') return { topology, warnings: [] }
  try {
    const { result } = await plans(database, async () => {
      const began = performance.now()
      // If the plan does not come in time, pg_cron asks for it later, for the strategy recorded here.
      if (plan.strategy !== strategy && !topology.isReadOnly) await nameStrategy(database, strategy, milliseconds)
      const left = milliseconds - Math.round(performance.now() - began)
      return askForPlan(database, strategy, Math.max(left, leastMilliseconds))
    })
    return {
      topology: { ...topology, plan: result.isKnown ? result : plan },
      warnings: result.isKnown ? [] : [unknown(result.message)],
    }
  } catch (error) {
    if (!isUpstreamError(error) || error.reason !== 'citus-unavailable') throw error
    return { topology, warnings: [unknown(error.message)] }
  }
}

const nameStrategy = (database: Database, strategy: string, milliseconds: number) =>
  ask(database, 'plan a rebalance', milliseconds, (sql) =>
    statement(sql, milliseconds, `SELECT autoscaler.use_strategy('${strategy}')`),
  )

const unknown = (why: string) => `What Citus plans is not known, so decided by whether a worker is empty: ${why}`

/** Asks Citus what it would move. @throws UpstreamError */
export async function askForPlan(database: Database, strategy: string, milliseconds: number): Promise<Plan> {
  const [row] = await ask(database, 'plan a rebalance', milliseconds, (sql) =>
    statement(sql, milliseconds, `SELECT autoscaler.plan_rebalance('${strategy}') AS moves`),
  )
  const { moves } = parseAnswer(z.object({ moves: optional(z.number()) }), row, 'autoscaler.plan_rebalance')
  if (moves === undefined)
    return {
      reason: 'settled',
      isKnown: false,
      moves,
      strategy,
      message: 'another connection is planning at the moment',
    }
  return moves === 0
    ? { reason: 'settled', isKnown: true, moves, strategy, message: 'Citus plans no move' }
    : { reason: 'moves', isKnown: true, moves, strategy, message: `Citus's plan has ${moves} moves` }
}

/** The strategy is letters, digits and underscores only (see settings), so it can be part of the text: a parameter takes a round trip more. */
const readCall = (strategy: string) => `autoscaler.read_cluster('${strategy}')`

function topologyOf(answer: unknown): Topology {
  const cluster = parseAnswer(clusterSchema, answer, 'autoscaler.read_cluster')
  if (cluster.version < schemaVersion)
    throw new UpstreamError(
      'citus-refused',
      'The schema autoscaler is older than this app: run sql/01-autoscaler.sql and sql/02-roles.sql.',
    )
  if (!cluster.isCoordinator)
    throw new UpstreamError(
      'citus-refused',
      'PG_CONNECTION_URL leads to a worker, not to the coordinator (an elastic cluster has it on port 5432, not 7432).',
    )
  const { nodes, usefulWorkers, isReadOnly, isAddingWorkers, settled, rebalance, failedStarts, history } = cluster
  return {
    workers: nodes.filter(({ isWorker }) => isWorker),
    nodes: nodes.map(({ node }) => node),
    usefulWorkers,
    isReadOnly,
    isAddingWorkers,
    plan: {
      reason: settled.reason,
      isKnown: settled.known,
      moves: settled.moves,
      message: settled.message,
      strategy: settled.strategy,
    },
    rebalance: rebalance && { ...rebalance, isUnfinished: rebalance.unfinished, isStuck: rebalance.stuck },
    failedRebalanceStart: failedStarts.rebalance,
    failedWorkerStart: failedStarts['add-worker'],
    history: history && { ...history, isStopped: history.stopped },
  }
}
