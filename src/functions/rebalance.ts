import { singleFlight } from '../single-flight.ts'
import { readDisks } from '../citus/read-disks.ts'
import { askForPlan, readBeforeRebalance, withPlan } from '../citus/read-topology.ts'
import { startRebalance } from '../citus/start-rebalance.ts'
import { topologyWarnings, planMilliseconds } from '../cluster/topology-warnings.ts'
import { decideRebalance } from '../scaling/decide-rebalance.ts'
import { checkDisks } from '../scaling/check-disks.ts'
import { checkPreflight } from '../scaling/check-preflight.ts'
import { pausedHold } from '../scaling/paused-hold.ts'
import type { Settings } from '../settings.ts'
import { isUpstreamError, UpstreamError } from '../upstream-error.ts'
import { isTimeUp, within } from '../within.ts'
import { warningsField, type Answer } from './answer.ts'
import { onNotification } from './on-notification.ts'
import { rebalanceMode } from './scaling-policy.ts'

const dryRunMilliseconds = 12_000
const diskMilliseconds = 3_000
const dryRuns = singleFlight<Settings, Answer>()
const diskReadings = singleFlight<Settings, string[]>()

/** Starts Citus's background rebalance and answers with its job. */
export const rebalance = onNotification('rebalance', async (_firing, settings, now) => {
  const mode = rebalanceMode(settings)
  if (mode.mode === 'paused') return pausedHold(mode.setting)
  const { database, REBALANCE_STRATEGY: strategy, REBALANCE_SHARD_TRANSFER_MODE: transferMode } = settings
  const read = await readBeforeRebalance(database, strategy)
  const { blocking, warnings: findings } = checkPreflight(read.facts, transferMode)
  // Only a cancelled rebalance needs the plan here: with nothing left to move, the cancellation no longer holds anything.
  const { topology, warnings: unknown } =
    read.topology.rebalance?.state === 'cancelled'
      ? await withPlan(database, strategy, read.topology, planMilliseconds)
      : { topology: read.topology, warnings: [] }
  const warnings = [...unknown, ...topologyWarnings(topology), ...findings]

  const decision = decideRebalance({ topology, mode, now })
  if (decision.kind === 'hold') return { ...answerOfHold(decision), ...warningsField(warnings) }
  if (blocking.length > 0) throw new UpstreamError('citus-refused', `No rebalance was started: ${blocking.join('; ')}.`)
  const [answer, disks] = await Promise.all([
    decision.kind === 'dry-run'
      ? dryRuns(settings, () => dryRun(settings)).then(({ result }) => result)
      : begin(settings, topology.rebalance?.job ?? 0),
    diskReadings(settings, () => diskWarnings(settings)).then(({ result }) => result),
  ])
  return { ...answer, ...warningsField(answer.reason === 'balanced' ? warnings : [...warnings, ...disks]) }
})

/** Warnings only: what can't be read in time is left out. */
async function diskWarnings({ database }: Settings): Promise<string[]> {
  try {
    return checkDisks(await within(diskMilliseconds, () => readDisks(database)))
  } catch (error) {
    if (isTimeUp(error)) return []
    if (!isUpstreamError(error)) throw error
    return error.reason === 'citus-refused' ? [error.message] : []
  }
}

type Held = Extract<ReturnType<typeof decideRebalance>, { kind: 'hold' }>

const answerOfHold = ({ kind: _, ...answer }: Held): Answer => answer

const nothingToMove = { reason: 'balanced', message: 'There is nothing to move: the shards are balanced.' } as const

async function dryRun({ database, REBALANCE_STRATEGY: strategy }: Settings): Promise<Answer> {
  const { isKnown, moves, message } = await askForPlan(database, strategy, dryRunMilliseconds)
  if (!isKnown || moves === undefined)
    throw new UpstreamError('citus-unavailable', `The plan of the rebalance is not known: ${message}.`)
  if (moves === 0) return nothingToMove
  return { reason: 'dry-run', message: `Dry run: ${moves} shard groups would move.`, moves }
}

async function begin(settings: Settings, lastJob: number): Promise<Answer> {
  const { database, REBALANCE_STRATEGY: strategy, REBALANCE_SHARD_TRANSFER_MODE: transferMode } = settings
  const start = await startRebalance(database, { strategy, transferMode }, lastJob)
  switch (start.kind) {
    case 'started': {
      const { kind: _, ...details } = start
      return { reason: 'rebalancing', message: `Rebalance job ${start.job} is scheduled.`, ...details }
    }
    case 'starting':
      return {
        reason: 'rebalancing',
        message:
          'Citus is planning the rebalance, which may take minutes. It has no job number until the plan is ready.',
      }
    case 'running': {
      const { job } = start
      const what =
        job === undefined ? 'A rebalance is already being planned' : `Rebalance job ${job} is already running`
      return { reason: 'rebalance-running', message: `${what}.`, ...(job !== undefined && { job }) }
    }
    case 'balanced':
      return nothingToMove
  }
}
