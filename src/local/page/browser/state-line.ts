import { minuteOf, notificationsTo, type Model, type Sample } from './model.ts'
import { lowest, splitGrowths, type Growth } from './split-growths.ts'

/** The state in one line: what there is, what happens, and what is waited for. */
export function stateLine(model: Model): string {
  const sample = model.samples.at(-1)
  if (!sample) return 'The cluster is starting.'
  return `${whatIsThere(sample)}; ${whatHappens(model, sample, splitGrowths(model).at(-1))}`
}

const count = (workers: number) => (workers === 1 ? '1 worker' : `${workers} workers`)

function whatIsThere({ workers, mean }: Sample): string {
  if (mean === undefined) return `${count(workers.length)}, and nobody measures their CPU`
  const percents = workers.map(({ percent }) => percent)
  const uneven = Math.max(...percents) - Math.min(...percents) > 20
  return `${count(workers.length)} at ${mean.toFixed(0)} %${uneven ? ` (${Math.min(...percents).toFixed(0)} to ${Math.max(...percents).toFixed(0)} %)` : ''}`
}

function whatHappens(model: Model, sample: Sample, growth: Growth | undefined): string {
  const { at, workers, moves, settled } = sample
  if (growth && !growth.failed && growth.arrivedAt === undefined) {
    const more = growth.to - growth.from
    const passed = Math.floor((at - growth.acceptedAt) / 60_000)
    const words = ['no', 'one', 'two', 'three', 'four'][more] ?? String(more)
    return `${words} more ${more === 1 ? 'is' : 'are'} coming, ${passed} of about ${model.setup.provisionMinutes} minutes`
  }
  const groups = workers.map((worker) => worker.groups.length)
  const from = `the workers hold ${Math.min(...groups)} to ${Math.max(...groups)} shard groups`
  const answer = lastAnswer(model, settled ? 'scale-out' : 'rebalance')
  if (moves.length > 0) return `shards are moving: ${from}`
  if (!settled && answer?.reason === 'rebalance-cancelled') return `a person has stopped the rebalance: ${from}`
  if (!settled && answer?.reason === 'paused') return `shards are to be spread, and everything is paused: ${from}`
  if (!settled) return `shards are to be spread: ${from}`
  if (model.alerts.size > 0) return whatIsAsked(model, answer)
  return (sample.mean ?? 0) > lowest(model.setup.thresholds).above ? 'no alert yet' : 'nothing is to be done'
}

function whatIsAsked(model: Model, answer: ReturnType<typeof lastAnswer>): string {
  const firing = [...model.alerts.values()].includes('alerting')
  if (!firing) return `a rule sees it and waits before it asks`
  if (!answer?.reason) return 'an alert asks for more'
  const until = answer.until === undefined ? '' : ` until minute ${minuteOf(model, answer.until)}`
  return `an alert asks for more, and is answered ${answer.reason}${until}`
}

/** The newest answer of a function to an alert that fires. */
const lastAnswer = (model: Model, name: 'scale-out' | 'rebalance') =>
  notificationsTo(model, name).findLast(({ status }) => status === 'firing')?.answer
