import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import * as z from 'zod'

/** The app as a process of its own. */
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

const messageSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('serving'), url: z.url() }),
  z.object({ kind: z.literal('line'), line: z.string() }),
  z.object({ kind: z.literal('done'), id: z.number(), value: z.number().optional() }),
])

/** Starts the source, or the bundle that is laid out in a folder, with these settings and no others. */
export async function startInstance(
  settings: Record<string, string | undefined>,
  folder: string | undefined,
): Promise<Instance> {
  const child = fork(fileURLToPath(new URL('instance.ts', import.meta.url)), folder === undefined ? [] : [folder], {
    ...(folder !== undefined && { cwd: folder }),
    env: settings,
  })
  const lines: string[] = []
  const serving = Promise.withResolvers<string>()
  const asked: ((value: number | undefined) => void)[] = []
  child.on('message', (given) => {
    const message = messageSchema.parse(given)
    if (message.kind === 'serving') serving.resolve(message.url)
    else if (message.kind === 'line') lines.push(message.line)
    else asked[message.id]?.(message.value)
  })
  const exited = once(child, 'exit')
  void exited.then(([code]) => serving.reject(new Error(`an instance of the app ended with ${String(code)}`)))
  const ask = (message: { kind: string; now?: number }) =>
    new Promise<number | undefined>((resolve) => child.send({ ...message, id: asked.push(resolve) - 1 }))
  return {
    url: await serving.promise,
    async log() {
      await ask({ kind: 'flush' })
      return lines
    },
    async setClock(now) {
      await ask({ kind: 'clock', now: now.getTime() })
    },
    heap: async () => z.number().parse(await ask({ kind: 'heap' })),
    async stop() {
      child.kill('SIGKILL')
      await exited
    },
  }
}
