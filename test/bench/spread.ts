/** Median and quartiles of the measurements. */
export type Spread = { median: number; low: number; high: number }

export function spreadOf(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b)
  const at = (share: number) => sorted[Math.round(share * (sorted.length - 1))] ?? NaN
  return { median: at(0.5), low: at(0.25), high: at(0.75) }
}

export const shown = ({ median, low, high }: Spread, unit: string, digits = 0): string =>
  `${median.toFixed(digits)} ${unit} (${low.toFixed(digits)} to ${high.toFixed(digits)})`

/** Median and quartiles of the ratios of pairs: other load on the machine affects both of a pair alike. */
export const ratioOf = (values: readonly number[], baseline: readonly number[]): string =>
  shown(spreadOf(values.map((value, index) => value / (baseline[index] ?? NaN))), 'times', 2)
