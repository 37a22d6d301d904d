import * as z from 'zod'
import { startInstanceProcess, type InstanceProcess } from './instance-process.ts'

/** The app in a process of its own. */
export type Instance = {
  url: string
  /** What it has logged until now, line by line. */
  log: () => Promise<readonly string[]>
  /** Its clock stands still from now on, at this time. */
  setClock: (now: Date) => Promise<void>
  /** The heap in use after a collection, in bytes. */
  heap: () => Promise<number>
  stop: () => Promise<void>
}

type Settings = Record<string, string | undefined>

/** Starts the source, or the bundle that is laid out in a folder, with these settings and no others. */
export async function startInstance(settings: Settings, folder: string | undefined): Promise<Instance> {
  const instance = startInstanceProcess(folder)
  return loadApp(instance, settings, () => instance.end())
}

const free: InstanceProcess[] = []

/**
 * The same for the bundle, in a process that has served an earlier test where there is one: it loads the bundle anew, with nothing left of
 * the one before, and has no other app beside it meanwhile.
 */
export async function startBundleInstance(settings: Settings, folder: string): Promise<Instance> {
  const instance = free.pop() ?? startInstanceProcess(folder)
  instance.holdsOpen(true)
  return loadApp(instance, settings, async () => {
    await instance.ask({ kind: 'unload' })
    instance.holdsOpen(false)
    free.push(instance)
  })
}

async function loadApp(instance: InstanceProcess, settings: Settings, stop: () => Promise<void>): Promise<Instance> {
  const loaded = await instance.ask({ kind: 'load', settings })
  return {
    url: z.url().parse(loaded.value),
    async log() {
      await instance.ask({ kind: 'flush' })
      return instance.logOf(loaded.id)
    },
    async setClock(now) {
      await instance.ask({ kind: 'clock', now: now.getTime() })
    },
    heap: async () => z.number().parse((await instance.ask({ kind: 'heap' })).value),
    stop,
  }
}
