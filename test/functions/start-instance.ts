import * as z from 'zod'
import { startInstanceProcess, type InstanceProcess } from './instance-process.ts'

/** The app in another process. */
export type Instance = {
  url: string
  /** Its log lines until now. */
  log: () => Promise<readonly string[]>
  /** Stops its clock at this time. */
  setClock: (now: Date) => Promise<void>
  /** Bytes of heap in use after a garbage collection. */
  heap: () => Promise<number>
  stop: () => Promise<void>
}

type Settings = Record<string, string | undefined>

/** Starts the source, or the bundle in a folder, with these settings and no others. */
export async function startInstance(settings: Settings, folder: string | undefined): Promise<Instance> {
  const instance = startInstanceProcess(folder)
  return loadApp(instance, settings, () => instance.end())
}

const free: InstanceProcess[] = []

/**
 * The same for the bundle, in the process of an earlier test if one is free. It loads the bundle again without any state of the earlier one,
 * and serves one app at a time.
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
