import type { HttpMethod } from '@azure/functions'
import { readSettings, type SettingsResult } from '../settings.ts'
import { rebalance } from './rebalance.ts'
import { handler, type Handler, type Surroundings } from './respond.ts'
import { scaleOut } from './scale-out.ts'
import { status } from './status.ts'

export type RegisteredFunction = { name: string; method: HttpMethod; handler: Handler }

/** What is served, once: the Functions runtime registers from it and the local host routes by it. */
export function functionTable({ environment, now }: Omit<Surroundings, 'settings'>): readonly RegisteredFunction[] {
  // App settings don't change in a running process: Azure starts another one.
  let read: SettingsResult | undefined
  const surroundings: Surroundings = { environment, now, settings: () => (read ??= readSettings(environment)) }
  return [
    { name: 'scale-out', method: 'POST', handler: handler(scaleOut, surroundings) },
    { name: 'rebalance', method: 'POST', handler: handler(rebalance, surroundings) },
    { name: 'status', method: 'GET', handler: handler(status, surroundings) },
  ]
}
