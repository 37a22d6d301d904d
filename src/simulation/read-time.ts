import * as z from 'zod'

/** Unix time in seconds. `isLocal`: the text had no time zone and is read as UTC. */
export type ReadTime = { seconds: number; isLocal: boolean }

/** Unix time in milliseconds is above this since 1973, in seconds from 5138. */
const leastMilliseconds = 1e11

const dates = [
  /^(?<year>\d{4})-(?<month>\d\d)-(?<day>\d\d)/,
  /^(?<year>\d{4})\/(?<month>\d\d)\/(?<day>\d\d)/,
  /^(?<day>\d\d?)\.(?<month>\d\d?)\.(?<year>\d{4})/,
]
const clock =
  /^(?:[T ]\s*(?<hour>\d\d?):(?<minute>\d\d)(?::(?<second>\d\d)(?<fraction>[.,]\d+)?)?\s*(?<half>[AaPp][Mm])?)?\s*(?<zone>Z|UTC|GMT|(?<sign>[+-])(?<zoneHours>\d\d)(?::?(?<zoneMinutes>\d\d))?)?$/

/**
 * Unix seconds or milliseconds, or a date with or without a time of day: 2026-01-05T08:00Z, 2026/01/05 8:00 AM, 05.01.2026 08:00. Undefined
 * for anything else, such as 1/5/2026, whose meaning depends on the country.
 */
export function readTime(text: string): ReadTime | undefined {
  if (/^\d+(\.\d+)?$/.test(text)) {
    const number = Number(text)
    return { seconds: number < leastMilliseconds ? number : number / 1000, isLocal: false }
  }
  for (const pattern of dates) {
    const date = pattern.exec(text)
    const time = date && clock.exec(text.slice(date[0].length))
    if (time) return toTime({ ...date.groups, ...time.groups })
  }
  return undefined
}

type Parts = Partial<Record<string, string>>

function toTime({ half, zone, sign, zoneHours = '00', zoneMinutes = '00', ...parts }: Parts): ReadTime | undefined {
  const padded = (text = '00') => text.padStart(2, '0')
  const hour = half ? hourOf(Number(parts.hour), half) : Number(parts.hour ?? 0)
  const day = `${parts.year ?? ''}-${padded(parts.month)}-${padded(parts.day)}`
  const time = `${padded(String(hour))}:${padded(parts.minute)}:${padded(parts.second)}${(parts.fraction ?? '').replace(',', '.')}`
  const milliseconds = Date.parse(`${day}T${time}${sign ?? '+'}${zoneHours}:${zoneMinutes}`)
  // Date.parse reads February 30 as March 2.
  if (Number.isNaN(milliseconds) || !z.iso.date().safeParse(day).success) return undefined
  return { seconds: milliseconds / 1000, isLocal: zone === undefined }
}

/** 12 AM is midnight, 12 PM is noon, 13 PM is not valid. */
const hourOf = (hour: number, half: string): number =>
  hour < 1 || hour > 12 ? NaN : (hour % 12) + (half.toLowerCase() === 'pm' ? 12 : 0)
