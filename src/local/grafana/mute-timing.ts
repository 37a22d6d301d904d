import * as z from 'zod'
import type { MuteTiming as MuteTimingFile } from '../../../grafana/apply/alerting-file.ts'

const weekdays = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday']
const day = z.enum(weekdays).transform((name) => weekdays.indexOf(name))

const daysSchema = z.string().transform((text, context): number[] => {
  const [first, last] = text.split(':').map((name) => day.safeParse(name).data)
  const end = text.includes(':') ? last : first
  if (first === undefined || end === undefined || end < first) {
    context.addIssue({
      code: 'custom',
      message: `"${text}" is no weekday such as saturday, and no range such as monday:friday`,
    })
    return []
  }
  return Array.from({ length: end - first + 1 }, (_, index) => first + index)
})

const timeSchema = z
  .string()
  .regex(/^\d\d:\d\d$/)
  .transform((text) => Number(text.slice(0, 2)) * 60 + Number(text.slice(3)))

/** Grafana also has days of the month, months and years: the stand-in does not support them and refuses them. */
const intervalSchema = z.strictObject({
  weekdays: z.array(daysSchema).optional(),
  times: z.array(z.strictObject({ start_time: timeSchema, end_time: timeSchema })).optional(),
  location: z.string().default('UTC'),
})

export type MuteTiming = { name: string; intervals: readonly z.infer<typeof intervalSchema>[] }

/** Throws with the name of a mute timing that the stand-in does not support. */
export function readMuteTiming({ name, time_intervals }: MuteTimingFile): MuteTiming {
  const parsed = z.array(intervalSchema).safeParse(time_intervals)
  if (!parsed.success) throw new Error(`mute timing ${name}: ${z.prettifyError(parsed.error)}`, { cause: parsed.error })
  return { name, intervals: parsed.data }
}

/** Whether a time is in one of the intervals, in the interval's time zone; the end is exclusive. */
export function isMuted({ intervals }: MuteTiming, now: Date): boolean {
  return intervals.some(({ weekdays: days, times, location }) => {
    const { weekday, minute } = localTime(now, location)
    const isDay = days === undefined || days.flat().includes(weekday)
    return (
      isDay &&
      (times === undefined || times.some(({ start_time, end_time }) => start_time <= minute && minute < end_time))
    )
  })
}

function localTime(now: Date, timeZone: string) {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    weekday: 'long',
    hour: 'numeric',
    minute: 'numeric',
    hourCycle: 'h23',
  })
  const parts = Object.fromEntries(format.formatToParts(now).map(({ type, value }) => [type, value]))
  return {
    weekday: weekdays.indexOf((parts.weekday ?? '').toLowerCase()),
    minute: Number(parts.hour) * 60 + Number(parts.minute),
  }
}
