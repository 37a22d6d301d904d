import { createHash } from 'node:crypto'
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'

/** Random numbers for one purpose: the same seed and purpose always give the same numbers. */
export type RandomStream = {
  /** From 0 to 1, 1 excluded. */
  uniform: () => number
  /** Mean 0, standard deviation 1. */
  normal: () => number
  chance: (probability: number) => boolean
}

export function randomStream(seed: number, purpose: string): RandomStream {
  const digest = createHash('sha256').update(`${seed} ${purpose}`).digest()
  const generator = xoroshiro128plus(digest.readInt32LE())
  const uniform = () => uniformFloat64(generator)
  return {
    uniform,
    // The Box-Muller transform. 1 - u is never 0, so the logarithm is finite.
    normal: () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform()),
    chance: (probability) => uniform() < probability,
  }
}
