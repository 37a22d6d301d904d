import type { DemoCluster } from '../demo-cluster.ts'
import type { LoopEvent } from '../loop-event.ts'
import type { Load } from '../watch-cluster.ts'
import type { ThingState } from './page-event.ts'
import { refuseApp } from './refuse-app.ts'
import { stopRebalances } from './stop-rebalances.ts'

/** Does it and says what was done, in a sentence for a person. `on` is what a thing that can be switched is to become. */
type Thing = {
  title: string
  explanation: string
  isSwitch: boolean
  act: (on: boolean) => Promise<string> | string
  /** Whether what was seen has used it up. */
  endsWith?: (event: LoopEvent) => boolean
}

type Stage = {
  cluster: DemoCluster
  load: Load
  setSilent: (on: boolean) => void
  restartFunctions: (environment: Record<string, string>) => void
}

export type ThingsToTry = ReturnType<typeof thingsToTry>

/** What can be done to the loop while it runs, by name. */
export function thingsToTry({ cluster, load, setSilent, restartFunctions }: Stage) {
  const { sql } = cluster.database
  const rebalances = stopRebalances(sql)
  const changeLoad = (factor: number) => {
    load.percent = Math.min(3000, Math.max(10, Math.round(load.percent * factor)))
    return `The load is now that of ${(load.percent / 100).toFixed(1)} busy workers.`
  }
  const things = new Map<string, Thing>([
    ['load-up', { title: 'Load up', explanation: 'half as much again', isSwitch: false, act: () => changeLoad(1.5) }],
    ['load-down', { title: 'Load down', explanation: 'by a third', isSwitch: false, act: () => changeLoad(1 / 1.5) }],
    [
      'hot-tenant',
      {
        title: 'One hot tenant',
        explanation: 'a quarter of the load on one shard group',
        isSwitch: true,
        act(on) {
          load.hasHotTenant = on
          return on ? 'One tenant now makes a quarter of the load.' : 'The load is even again.'
        },
      },
    ],
    [
      'deployment-fails',
      {
        title: 'The next growth fails',
        explanation:
          'Azure accepts the deployment, which then fails; of open-source Citus, the new server does not answer',
        isSwitch: true,
        async act(on) {
          await cluster.failNextGrowth(on)
          return on ? 'The next growth will fail.' : 'The next growth will succeed.'
        },
        endsWith: (event) => event.kind === 'posted' && /"reason":"(backing-off|citus-refused)"/.test(event.answer),
      },
    ],
    [
      'coordinator-silent',
      {
        title: 'The coordinator goes silent',
        explanation: 'it takes connections and answers nothing',
        isSwitch: true,
        act(on) {
          setSilent(on)
          return on ? 'The coordinator no longer answers the functions.' : 'The coordinator answers again.'
        },
      },
    ],
    [
      'coordinator-refuses',
      {
        title: 'The coordinator refuses',
        explanation: "the functions' role may not log in",
        isSwitch: true,
        async act(on) {
          await refuseApp(sql, on)
          return on ? "The functions' role may not log in any more." : "The functions' role may log in again."
        },
      },
    ],
    [
      'stop-rebalance',
      {
        title: 'A person stops the rebalance',
        explanation: 'SELECT citus_rebalance_stop(), now or as soon as one runs; switched off, citus_rebalance_start()',
        isSwitch: true,
        act: (on) => rebalances.act(on),
      },
    ],
    [
      'metrics-stop',
      {
        title: 'Metrics stop',
        explanation: 'nobody measures the CPU',
        isSwitch: true,
        act(on) {
          load.isMeasured = !on
          return on ? 'Nobody measures the CPU any more.' : 'The CPU is measured again.'
        },
      },
    ],
    [
      'pause',
      {
        title: 'Pause',
        explanation: 'AUTOSCALE_MODE=paused',
        isSwitch: true,
        act(on) {
          restartFunctions(on ? { AUTOSCALE_MODE: 'paused' } : {})
          return on ? 'The functions run with AUTOSCALE_MODE=paused.' : 'The functions run with their settings again.'
        },
      },
    ],
  ])
  const on = new Set<string>()

  return {
    states: (): ThingState[] =>
      [...things].map(([name, { title, explanation, isSwitch }]) => ({
        name,
        title,
        explanation,
        on: isSwitch ? on.has(name) : undefined,
      })),
    /** Does a thing, or switches it; undefined when there is no such thing. */
    async attempt(name: string): Promise<string | undefined> {
      const thing = things.get(name)
      if (!thing) return undefined
      const next = !on.has(name)
      const message = await thing.act(next)
      if (thing.isSwitch && next) on.add(name)
      else on.delete(name)
      return message
    },
    /** Follows the loop: something may be waiting for its moment, or has had it. Tells what it did. */
    async hear(event: LoopEvent): Promise<{ thing: string; message: string } | undefined> {
      for (const [name, { endsWith, act, title }] of things) {
        if (!on.has(name) || !endsWith?.(event)) continue
        on.delete(name)
        await act(false)
        return { thing: name, message: `Done: ${title.toLowerCase()}.` }
      }
      const message = await rebalances.hear(event)
      return message === undefined ? undefined : { thing: 'stop-rebalance', message }
    },
  }
}
