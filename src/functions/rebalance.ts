import { joining } from '../citus/joining.ts'
import { readDisks } from '../citus/read-disks.ts'
import { askForPlan, readBeforeRebalance, withPlan } from '../citus/read-topology.ts'
import { startRebalance } from '../citus/start-rebalance.ts'
import { topologyWarnings, planMilliseconds } from '../cluster/topology-warnings.ts'
import { decideRebalance, pausedRebalance } from '../scaling/decide-rebalance.ts'
import { judgeDisks } from '../scaling/judge-disks.ts'
import { judgePreflight } from '../scaling/judge-preflight.ts'
import type { Settings } from '../settings.ts'
import { isUpstreamError, UpstreamError } from '../upstream-error.ts'
import { isTimeUp, within } from '../within.ts'
import { warned, type Answer } from './answer.ts'
import { onNotification } from './on-notification.ts'
import { rebalanceMode } from './scaling-policy.ts'

const dryRunMilliseconds = 12_000
const diskMilliseconds = 3_000
const dryRuns = joining<Settings, Answer>()
const diskReadings = joining<Settings, string[]>()

/** Starts Citus's background rebalance and answers with its job. */
export const rebalance = onNotification('rebalance', async (_firing, settings, now) => {
  const mode = rebalanceMode(settings)
  if (mode.mode === 'paused') return answerOfHold(pausedRebalance(mode))
  const { database, REBALANCE_STRATEGY: strategy, REBALANCE_SHARD_TRANSFER_MODE: transferMode } = settings
  const read = await readBeforeRebalance(database, strategy)
  const { blocking, warnings: findings } = judgePreflight(read.facts, transferMode)
  // Whether a person's stop stands depends on the plan; nothing else here does.
  const { topology, warnings: unknown } =
    read.topology.rebalance?.state === 'cancelled'
      ? await withPlan(database, strategy, read.topology, planMilliseconds)
      : { topology: read.topology, warnings: [] }
  const warnings = [...unknown, ...topologyWarnings(topology), ...findings]

  const decision = decideRebalance({ topology, mode, now })
  if (decision.kind === 'hold') return { ...answerOfHold(decision), ...warned(warnings) }
  if (blocking.length > 0) throw new UpstreamError('citus-refused', `No rebalance was started: ${blocking.join('; ')}.`)
  const [answer, disks] = await Promise.all([
    decision.kind === 'dry-run'
      ? dryRuns(settings, () => dryRun(settings)).then(({ result }) => result)
      : begin(settings, topology.rebalance?.job ?? 0),
    diskReadings(settings, () => diskWarnings(settings)).then(({ result }) => result),
  ])
  return { ...answer, ...warned(answer.reason === 'balanced' ? warnings : [...warnings, ...disks]) }
})

/** Nothing depends on them: what is not known in time is not told. */
async function diskWarnings({ database }: Settings): Promise<string[]> {
  try {
    return judgeDisks(await within(diskMilliseconds, () => readDisks(database)))
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
    throw new UpstreamError('citus-unavailable', `What would move is not known: ${message}.`)
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
        message: 'Citus is planning a rebalance, which takes its time; it gets a job then.',
      }
    case 'running': {
      const { job } = start
      const what = job === undefined ? 'A rebalance is being planned' : `Rebalance job ${job} is under way`
      return { reason: 'rebalance-running', message: `${what} already.`, ...(job !== undefined && { job }) }
    }
    case 'balanced':
      return nothingToMove
  }
}
