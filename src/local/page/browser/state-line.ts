import { minuteOf, notificationsTo, type Model, type Sample } from './model.ts'
import { lowest, splitGrowths, type Growth } from './split-growths.ts'

/** The state in one line: the workers, what happens now, and what it waits for. */
export function stateLine(model: Model): string {
  const sample = model.samples.at(-1)
  if (!sample) return 'The cluster is starting.'
  return `${whatIsThere(sample)}; ${whatHappens(model, sample, splitGrowths(model).at(-1))}`
}

const count = (workers: number) => (workers === 1 ? '1 worker' : `${workers} workers`)

function whatIsThere({ workers, mean }: Sample): string {
  if (mean === undefined) return `${count(workers.length)}, CPU not measured`
  const percents = workers.map(({ percent }) => percent)
  const uneven = Math.max(...percents) - Math.min(...percents) > 20
  return `${count(workers.length)} at ${mean.toFixed(0)} %${uneven ? ` (${Math.min(...percents).toFixed(0)} to ${Math.max(...percents).toFixed(0)} %)` : ''}`
}

function whatHappens(model: Model, sample: Sample, growth: Growth | undefined): string {
  if (growth && !growth.failed && growth.arrivedAt === undefined) return whatIsComing(model, sample, growth)
  if (!sample.settled) return howShardsAre(model, sample)
  if (model.alerts.size > 0) return whatIsAsked(model)
  return (sample.mean ?? 0) > lowest(model.setup.thresholds).above ? 'no alert yet' : 'nothing to do'
}

function whatIsComing({ setup }: Model, { at }: Sample, { from, to, acceptedAt }: Growth): string {
  const more = to - from
  const words = ['no', 'one', 'two', 'three', 'four'][more] ?? String(more)
  const passed = Math.floor((at - acceptedAt) / 60_000)
  return `${words} more ${more === 1 ? 'is' : 'are'} coming, ${passed} of about ${setup.provisionMinutes} minutes`
}

function howShardsAre(model: Model, { workers, moves }: Sample): string {
  const groups = workers.map((worker) => worker.groups.length)
  const now = `${Math.min(...groups)} to ${Math.max(...groups)} shard groups on each`
  if (moves.length > 0) return `shards are moving, ${now}`
  const { reason } = notificationsTo(model, 'rebalance').at(-1)?.answer ?? {}
  if (reason === 'rebalance-cancelled') return `a person has stopped the rebalance, ${now}`
  return `waiting for a rebalance, ${now}${reason === 'paused' ? ', but the autoscaler is paused' : ''}`
}

function whatIsAsked(model: Model): string {
  const firing = [...model.alerts.values()].filter(({ state }) => state === 'alerting')
  if (firing.length === 0) return 'a rule is pending'
  const since = Math.min(...firing.map((alert) => alert.since))
  const answer = notificationsTo(model, 'scale-out').findLast(({ sentAt }) => sentAt >= since)?.answer
  if (!answer?.reason) return 'an alert fires'
  const until = answer.until === undefined ? '' : ` until minute ${minuteOf(model, answer.until)}`
  return `an alert fires, and is answered ${answer.reason}${until}`
}
