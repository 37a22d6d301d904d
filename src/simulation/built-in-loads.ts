import { minutesADay, type Load } from './load.ts'
import {
  crowd,
  days,
  growth,
  launch,
  monthMinutes,
  nightlyBatch,
  officeHours,
  shopHours,
  slowNoise,
} from './load-shapes.ts'
import { randomStream, type RandomStream } from './random-stream.ts'

/**
 * A month of each load that the policies are compared on. All are invented. They scale with `workers`: a share of 0.6 is a mean CPU of
 * 60 % on that many workers.
 */
export const builtInLoads = (workers: number, seed: number): Load[] => loadMakers(workers, seed).map((make) => make())

/** One function per load, since generating a month takes time. */
export function loadMakers(workers: number, seed: number): (() => Load)[] {
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
  const launches = randomStream(seed, 'when launches are')
  const launchesAt = [3, 12, 21].map((day) => Math.floor((day + 6 * launches.uniform()) * minutesADay))
  return [
    () => ({
      name: 'step',
      title: 'three times the load from one minute to the next, 28 to 84 % CPU',
      minutes: month('step', 0.02, (minute) => (minute < stepAt ? 0.28 : 0.84)),
    }),
    () => ({
      name: 'step-beyond',
      title: 'three times the load at once, 50 to 150 %: more than there are workers for',
      minutes: month('step-beyond', 0.02, (minute) => (minute < stepAt ? 0.5 : 1.5)),
    }),
    () => ({
      name: 'ramp',
      title: 'five times the load over the month, evenly, from 40 %',
      minutes: month('ramp', 0.02, (minute) => 0.4 + (1.6 * minute) / monthMinutes),
    }),
    () => ({
      name: 'weeks',
      title: 'office days, quiet nights and weekends, growing by 80 % over the month',
      minutes: month('weeks', 0.04, (minute) => officeHours(minute) * (1 + (0.8 * minute) / monthMinutes)),
    }),
    () => ({
      name: 'flash-crowd',
      title: 'three times in the month three times the load, for about two hours',
      minutes: month(
        'flash-crowd',
        0.03,
        (minute) => 0.4 + 0.8 * Math.max(...crowdsAt.map((at) => crowd(minute - at))),
      ),
    }),
    () => ({
      name: 'noise',
      title: 'around the threshold all month, 76 % give or take 6',
      minutes: month('noise', 0.01, (_, random) => 0.76 + 0.06 * swing(random)),
    }),
    () => ({
      name: 'shop',
      title: 'a shop: evenings and weekends, growing by 70 % over the month',
      minutes: month('shop', 0.05, (minute) => shopHours(minute) * (1 + 0.7 * growth(minute))),
    }),
    () => ({
      name: 'launches',
      title: 'three launches: each brings a crowd within 20 minutes, and part of it stays',
      minutes: month('launches', 0.03, (minute) => 0.4 + launchesAt.reduce((sum, at) => sum + launch(minute - at), 0)),
    }),
    () => ({
      name: 'nightly-batches',
      title: 'a batch of two hours every night, on 40 % by day; both grow by 60 % over the month',
      minutes: month('nightly-batches', 0.03, (minute) => (0.4 + nightlyBatch(minute)) * (1 + 0.6 * growth(minute))),
    }),
    () => ({
      name: 'adoption',
      title: 'slow adoption: an S from 35 to 150 %, more by day than by night',
      minutes: month('adoption', 0.03, (minute) => {
        const adopted = 1 / (1 + Math.exp(-(minute / minutesADay - days / 2) / 3))
        return (0.35 + 1.15 * adopted) * (0.75 + 0.25 * Math.sin((2 * Math.PI * (minute - 8 * 60)) / minutesADay))
      }),
    }),
    () =>
      hotTenantLoad(
        workers,
        month('hot-tenant', 0.02, () => 0.4),
      ),
    () => ({
      name: 'outage',
      title: 'no metrics for six hours, twice; two hours into the first the load goes from 40 to 90 %',
      minutes: month('outage', 0.02, (minute) => (minute < outageAt ? 0.4 : 0.9)),
      isApart: true,
      metricsOutages: outages,
    }),
  ]
}

/** One tenant grows until it needs one and a half workers. More workers do not help, since its shard is on one of them. */
function hotTenantLoad(workers: number, others: Float64Array): Load {
  const hotTenant = others.map((_, minute) => (150 * minute) / monthMinutes)
  const minutes = others.map((work, minute) => work + (hotTenant[minute] ?? 0))
  const title = `one tenant grows until it wants one and a half of the ${workers} workers for itself`
  return { name: 'hot-tenant', title, minutes, isApart: true, hotTenant }
}
