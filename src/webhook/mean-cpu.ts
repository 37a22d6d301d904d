import type { Alert } from './notification.ts'

/**
 * The workers' mean CPU in percent, averaged over the alerts that have a usable value: in `values` under the refId (Grafana), or in the
 * annotation of that name (Alertmanager sends no values). Undefined when none has: -1, null and NaN mean missing data.
 * Values up to 110 count as 100, since a mean of rates may slightly exceed 100.
 */
export function meanCpu(alerts: readonly Alert[], refId: string): number | undefined {
  const usable = alerts
    .map(({ values, annotations }) => values[refId] ?? numberIn(annotations[refId]))
    .filter((value): value is number => typeof value === 'number' && value > 0 && value <= largest)
    .map((value) => Math.min(value, 100))
  if (usable.length === 0) return undefined
  return usable.reduce((sum, value) => sum + value, 0) / usable.length
}

const largest = 110

const numberIn = (text: string | undefined) => (text?.trim() ? Number(text) : undefined)
