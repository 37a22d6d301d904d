import type { Load } from '../../src/simulation/load.ts'
import type { World } from '../../src/simulation/run-policy.ts'
import { simulatedSettings } from '../../src/simulation/simulated-settings.ts'
import { worldFor } from '../../src/simulation/world.ts'
import type { Faults } from '../../src/simulation/world-facts.ts'

export const noFaults: Faults = {
  lost: 0,
  duplicated: 0,
  late: 0,
  deploymentFails: 0,
  rebalanceCancelled: 0,
  silencesAMonth: 0,
  silentWhenSaturated: 0,
}

/** A world without faults, except the given ones. */
export async function simulatedWorld({
  settings: given = {},
  faults = {},
  workers = 4,
  seed = 1,
}: {
  settings?: Record<string, string>
  faults?: Partial<Faults>
  workers?: number
  seed?: number
}): Promise<World> {
  const settings = simulatedSettings(given)
  const worldOf = await worldFor(settings, { seed, over: 80 })
  return { ...worldOf(workers), faults: { ...noFaults, ...faults } }
}

/** A load of consecutive levels in percent of one worker, each for a number of minutes. */
export function levels(...parts: readonly (readonly [level: number, minutes: number])[]): Load {
  const minutes = Float64Array.from(parts.flatMap(([level, length]) => Array.from({ length }, () => level)))
  return { name: 'levels', title: 'levels', minutes }
}
