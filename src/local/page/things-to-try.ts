import type { DemoCluster } from '../demo-cluster.ts'
import type { LoopEvent } from '../loop-event.ts'
import type { Load } from '../watch-cluster.ts'
import type { ThingState } from './page-event.ts'
import { refuseApp } from './refuse-app.ts'
import { stopRebalances } from './stop-rebalances.ts'

/** Each action returns a sentence that says what it did. */
type Thing = { title: string; explanation: string } & (
  | { act: () => string }
  | {
      switch: (on: boolean) => Promise<string> | string
      /** Whether the event ends it, so that it is switched off. */
      endsWith?: (event: LoopEvent) => boolean
    }
)

type Stage = {
  cluster: DemoCluster
  load: Load
  setSilent: (on: boolean) => void
  restartFunctions: (environment: Record<string, string>) => void
}

export type ThingsToTry = ReturnType<typeof thingsToTry>

/** The things to try while the loop runs, by name. */
export function thingsToTry(stage: Stage) {
  const rebalances = stopRebalances(stage.cluster.database.sql)
  const things = new Map(
    Object.entries({ ...loadThings(stage), ...faultThings(stage), ...personThings(stage, rebalances) }),
  )
  const on = new Set<string>()

  return {
    states: (): ThingState[] =>
      [...things].map(([name, thing]) => ({
        name,
        title: thing.title,
        explanation: thing.explanation,
        on: 'switch' in thing ? on.has(name) : undefined,
      })),
    /** Does or switches a thing; returns undefined for an unknown one. */
    async attempt(name: string): Promise<string | undefined> {
      const thing = things.get(name)
      if (!thing) return undefined
      if ('act' in thing) return thing.act()
      const next = !on.has(name)
      const message = await thing.switch(next)
      if (next) on.add(name)
      else on.delete(name)
      return message
    },
    /** Handles an event of the loop, which may trigger or end a thing. Returns what it did. */
    async hear(event: LoopEvent): Promise<{ thing: string; message: string } | undefined> {
      for (const [name, thing] of things) {
        if (!on.has(name) || !('switch' in thing) || !thing.endsWith?.(event)) continue
        on.delete(name)
        return { thing: name, message: await thing.switch(false) }
      }
      const message = await rebalances.hear(event)
      return message === undefined ? undefined : { thing: 'stop-rebalance', message }
    },
  }
}

function loadThings({ load }: Stage): Record<string, Thing> {
  const change = (factor: number) => {
    load.percent = Math.min(3000, Math.max(10, Math.round(load.percent * factor)))
    return `The load is now ${(load.percent / 100).toFixed(1)} workers at 100 % CPU.`
  }
  return {
    'load-up': { title: 'Load up', explanation: 'by one half', act: () => change(1.5) },
    'load-down': { title: 'Load down', explanation: 'by a third', act: () => change(1 / 1.5) },
    'hot-tenant': {
      title: 'One hot tenant',
      explanation: 'a quarter of the load, one shard group',
      switch(on) {
        load.hasHotTenant = on
        return on ? 'One tenant has a quarter of the load.' : 'No tenant is hot any more.'
      },
    },
    'metrics-stop': {
      title: 'Metrics stop',
      explanation: 'no data on CPU',
      switch(on) {
        load.isMeasured = !on
        return on ? 'The CPU is no longer measured.' : 'The CPU is measured again.'
      },
    },
  }
}

function faultThings({ cluster, setSilent }: Stage): Record<string, Thing> {
  return {
    'deployment-fails': {
      title: 'The next deployment fails',
      explanation: cluster.growthFailure,
      async switch(on) {
        await cluster.failNextGrowth(on)
        return on ? 'The next scale-out will fail.' : 'Scale-outs succeed again.'
      },
      endsWith: (event) => event.kind === 'posted' && /"reason":"(backing-off|citus-refused)"/.test(event.answer),
    },
    'coordinator-silent': {
      title: 'The coordinator goes silent',
      explanation: 'accepts connections, answers nothing',
      switch(on) {
        setSilent(on)
        return on ? 'The coordinator does not answer the functions.' : 'The coordinator answers again.'
      },
    },
    'coordinator-refuses': {
      title: 'The coordinator refuses',
      explanation: "the functions' role may not log in",
      async switch(on) {
        await refuseApp(cluster.database.sql, on)
        return on ? "The functions' role may not log in." : "The functions' role may log in again."
      },
    },
  }
}

function personThings(
  { restartFunctions }: Stage,
  rebalances: ReturnType<typeof stopRebalances>,
): Record<string, Thing> {
  return {
    'stop-rebalance': {
      title: 'A person stops the rebalance',
      explanation: 'as soon as shards move',
      switch: (on) => rebalances.switch(on),
    },
    pause: {
      title: 'Pause',
      explanation: 'AUTOSCALE_MODE=paused',
      switch(on) {
        restartFunctions(on ? { AUTOSCALE_MODE: 'paused' } : {})
        return on ? 'The functions run with AUTOSCALE_MODE=paused.' : 'The functions run with their settings again.'
      },
    },
  }
}
