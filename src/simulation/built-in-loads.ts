import { minutesADay, type Load } from './load.ts'
import { randomStream, type RandomStream } from './random-stream.ts'

const days = 30
const monthMinutes = days * minutesADay

/**
 * A month of each load that the policies are compared on. All are invented; they are as high as `workers` workers make them, so that a
 * share of 0.6 is a mean CPU of 60 % on the cluster as it begins.
 */
export function builtInLoads(workers: number, seed: number): Load[] {
  const month = (name: string, noise: number, shareAt: (minute: number, random: RandomStream) => number) => {
    const random = randomStream(seed, `load ${name}`)
    return Float64Array.from({ length: monthMinutes }, (_, minute) =>
      Math.max(0, shareAt(minute, random) * (1 + noise * random.normal()) * workers * 100),
    )
  }
  const timing = randomStream(seed, 'when loads change')
  const minuteOfDay = (day: number) => Math.floor((day + timing.uniform()) * minutesADay)
  const stepAt = minuteOfDay(7)
  const crowdsAt = [4, 13, 22].map(minuteOfDay)
  const outageAt = minuteOfDay(9)
  const outages = [
    [outageAt - 120, outageAt + 240],
    [outageAt + 8 * minutesADay, outageAt + 8 * minutesADay + 360],
  ] as const
  const swing = slowNoise(10)
  return [
    // Not 30 to 90: 90 % of 4 workers is 6 at a target of 60, to the dot, and the noise decides whether 6 or 7.
    {
      name: 'step',
      title: 'three times the load from one minute to the next, 28 to 84 % CPU',
      minutes: month('step', 0.02, (minute) => (minute < stepAt ? 0.28 : 0.84)),
    },
    {
      name: 'step-beyond',
      title: 'three times the load at once, 50 to 150 %: more than there are workers for',
      minutes: month('step-beyond', 0.02, (minute) => (minute < stepAt ? 0.5 : 1.5)),
    },
    {
      name: 'ramp',
      title: 'five times the load over the month, evenly, from 40 %',
      minutes: month('ramp', 0.02, (minute) => 0.4 + (1.6 * minute) / monthMinutes),
    },
    {
      name: 'weeks',
      title: 'office days, quiet nights and weekends, growing by 80 % over the month',
      minutes: month('weeks', 0.04, (minute) => officeHours(minute) * (1 + (0.8 * minute) / monthMinutes)),
    },
    {
      name: 'flash-crowd',
      title: 'three times in the month three times the load, for about two hours',
      minutes: month(
        'flash-crowd',
        0.03,
        (minute) => 0.4 + 0.8 * Math.max(...crowdsAt.map((at) => crowd(minute - at))),
      ),
    },
    {
      name: 'noise',
      title: 'around the threshold all month, 76 % give or take 6',
      minutes: month('noise', 0.01, (_, random) => 0.76 + 0.06 * swing(random)),
    },
    hotTenantLoad(
      workers,
      month('hot-tenant', 0.02, () => 0.4),
    ),
    {
      name: 'outage',
      title: 'no metrics for six hours, twice; two hours into the first the load goes from 40 to 90 %',
      minutes: month('outage', 0.02, (minute) => (minute < outageAt ? 0.4 : 0.9)),
      metricsOutages: outages,
    },
  ]
}

function officeHours(minute: number): number {
  const day = Math.floor(minute / minutesADay) % 7
  const hour = (minute % minutesADay) / 60
  const working = Math.max(0, Math.sin((Math.PI * (hour - 6)) / 14))
  return 0.25 + (day < 5 ? 0.45 : 0.15) * working
}

/** From 0 to 1 within five minutes, there for an hour and a half, gone after another half. */
function crowd(minutesIn: number): number {
  const rise = minutesIn / 5
  const fall = (125 - minutesIn) / 30
  return Math.max(0, Math.min(1, rise, fall))
}

/** Noise that remembers itself for about `minutes`: mean 0, standard deviation 1. */
function slowNoise(minutes: number): (random: RandomStream) => number {
  const kept = Math.exp(-1 / minutes)
  let value = 0
  return (random) => (value = kept * value + Math.sqrt(1 - kept ** 2) * random.normal())
}

/** One tenant comes to want one and a half workers of its own: no number of workers can help it, since a shard is on one. */
function hotTenantLoad(workers: number, others: Float64Array): Load {
  const hotTenant = others.map((_, minute) => (150 * minute) / monthMinutes)
  const minutes = others.map((work, minute) => work + (hotTenant[minute] ?? 0))
  const title = `one tenant grows until it wants one and a half of the ${workers} workers for itself`
  return { name: 'hot-tenant', title, minutes, hotTenant }
}
