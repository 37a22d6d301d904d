import type { Total } from './add-up.ts'

/** A claim about this project, and whether the simulation confirms it. */
export type Claim = { text: string; figures: string; holds: boolean }

type Limit = { against: string; what: string; of: (total: Total) => number; most: number }

/** At most `most` times the figure of another policy. */
const limits: readonly Limit[] = [
  { against: 'cooldown', what: 'minutes over', of: ({ minutesOver }) => minutesOver, most: 0.1 },
  { against: 'cooldown', what: 'node-hours', of: ({ nodeHours }) => nodeHours, most: 1.12 },
  { against: 'hpa', what: 'minutes over', of: ({ minutesOver }) => minutesOver, most: 1.15 },
  { against: 'hpa', what: 'node-hours', of: ({ nodeHours }) => nodeHours, most: 0.98 },
  { against: 'hpa', what: 'scale-outs', of: ({ scaleOuts }) => scaleOuts, most: 0.75 },
]

/** Checks each claim against the totals; a missed one says by how much. */
export function judgeClaims(totals: readonly Total[]): Claim[] {
  const ours = named('ours', totals)
  const compared = limits.map(({ against, what, of, most }): Claim => {
    const [own, other] = [of(ours), of(named(against, totals))]
    const ratio = own / other
    const missed = ratio > most ? `, ${(ratio - most).toFixed(3)} too many` : ''
    return {
      text: `at most ${most} × ${against}'s ${what}`,
      figures: `${whole(own)} of ${whole(other)}: ${other === 0 ? '-' : ratio.toFixed(3)}${missed}`,
      holds: own <= most * other,
    }
  })
  const { beforeSettled, blind, scaleOuts } = ours
  const settled = {
    text: 'no growth begun before the last had settled',
    figures: `${beforeSettled} of ${scaleOuts}, ${blind} of which were decided on while the coordinator was silent`,
    holds: beforeSettled === 0,
  }
  return [...compared, settled]
}

function named(name: string, totals: readonly Total[]): Total {
  const found = totals.find((total) => total.name === name)
  if (!found) throw new Error(`there is no policy ${name}`)
  return found
}

const whole = (number: number) => Math.round(number).toLocaleString('en')
