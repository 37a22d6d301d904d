import type { HttpMethod } from '@azure/functions'
import { reasons, type Reason } from '../scaling/reasons.ts'
import { rebalance } from './rebalance.ts'
import { handler, type Handler, type Surroundings } from './respond.ts'
import { scaleOut } from './scale-out.ts'
import { status } from './status.ts'

export type RegisteredFunction = { name: string; method: HttpMethod; handler: Handler }

/** A report that can be made is a success, whatever a scale-out would be answered. */
const statusOfReport = (reason: Reason): number => (reasons[reason].outcome === 'failed' ? reasons[reason].status : 200)

/** What is served, once: the Functions runtime registers from it and the local host routes by it. */
export const functionTable = (surroundings: Surroundings): readonly RegisteredFunction[] => [
  { name: 'scale-out', method: 'POST', handler: handler(scaleOut, surroundings) },
  { name: 'rebalance', method: 'POST', handler: handler(rebalance, surroundings) },
  { name: 'status', method: 'GET', handler: handler(status, surroundings, statusOfReport) },
]
