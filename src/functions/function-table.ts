import type { HttpMethod } from '@azure/functions'
import { readSettings, type SettingsResult } from '../settings.ts'
import { rebalance } from './rebalance.ts'
import { handler, type Handler, type HandlerOptions } from './respond.ts'
import { scaleOut } from './scale-out.ts'
import { status } from './status.ts'

export type RegisteredFunction = { name: string; method: HttpMethod; handler: Handler }

/** The list of functions: the Functions runtime and the local host both register them from here. */
export function functionTable({ environment, now }: Omit<HandlerOptions, 'settings'>): readonly RegisteredFunction[] {
  // Read once: when an app setting changes, Azure starts a new process.
  let read: SettingsResult | undefined
  const options: HandlerOptions = { environment, now, settings: () => (read ??= readSettings(environment)) }
  return [
    { name: 'scale-out', method: 'POST', handler: handler(scaleOut, options) },
    { name: 'rebalance', method: 'POST', handler: handler(rebalance, options) },
    { name: 'status', method: 'GET', handler: handler(status, options) },
  ]
}
