const secondsPerUnit: Readonly<Record<string, number>> = { d: 86_400, h: 3600, m: 60, s: 1 }

/** Seconds of a duration as Grafana's files write it, such as `2m30s`. */
export function durationSeconds(text: string): number {
  const parts = [...text.matchAll(/(\d+)([dhms])/g)]
  if (parts.length === 0 || parts.map(([part]) => part).join('') !== text)
    throw new Error(`"${text}" is no duration such as 30s, 2m30s or 4h`)
  return parts.reduce((sum, [, count, unit = '']) => sum + Number(count) * (secondsPerUnit[unit] ?? 0), 0)
}
