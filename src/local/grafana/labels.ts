export type Labels = Readonly<Record<string, string>>

/** One text per set of labels, whatever their order. */
export const labelsKey = (labels: Labels): string => JSON.stringify(sortedPairs(labels))

/** Whether every label of the second set is in the first, with the same value. */
export const containsLabels = (labels: Labels, others: Labels): boolean =>
  Object.entries(others).every(([name, value]) => labels[name] === value)

/**
 * Prometheus's fingerprint of a set of labels: FNV-1a, 64 bits, over names and values in order, each followed by a byte that UTF-8
 * text cannot contain (prometheus/common, model/signature.go).
 */
export function fingerprint(labels: Labels): string {
  const bytes = Buffer.concat(
    sortedPairs(labels)
      .flat()
      .flatMap((text) => [Buffer.from(text), Buffer.of(0xff)]),
  )
  let hash = 0xcbf29ce484222325n
  for (const byte of bytes) hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n)
  return hash.toString(16).padStart(16, '0')
}

const sortedPairs = (labels: Labels) => Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1))
