import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import * as z from 'zod'

/** The messages that instance.ts understands. */
type Order =
  | { kind: 'load'; settings: Record<string, string | undefined> }
  | { kind: 'clock'; now: number }
  | { kind: 'unload' | 'heap' | 'flush' }

const messageSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('line'), load: z.number(), line: z.string() }),
  z.object({ kind: z.literal('done'), id: z.number(), value: z.union([z.number(), z.string()]).optional() }),
])
type Value = number | string | undefined

export type InstanceProcess = {
  /** Resolves with the answer and the order's number. */
  ask: (order: Order) => Promise<{ id: number; value: Value }>
  /** The log lines until now of the app that this order loaded. */
  logOf: (load: number) => readonly string[]
  /** Sets whether the process keeps this one alive. */
  holdsOpen: (holds: boolean) => void
  end: () => Promise<void>
}

/** Starts a process that can load the source, or the bundle in a folder. */
export function startInstanceProcess(folder: string | undefined): InstanceProcess {
  const child = fork(fileURLToPath(new URL('instance.ts', import.meta.url)), folder === undefined ? [] : [folder], {
    ...(folder !== undefined && { cwd: folder }),
    env: {},
  })
  const lines = new Map<number, string[]>()
  const waiting = new Map<number, PromiseWithResolvers<Value>>()
  let orders = 0
  child.on('message', (given) => {
    const message = messageSchema.parse(given)
    if (message.kind === 'line') lines.get(message.load)?.push(message.line)
    else waiting.get(message.id)?.resolve(message.value)
  })
  const exited = once(child, 'exit')
  void exited.then(([code]) => {
    for (const { reject } of waiting.values()) reject(new Error(`an instance of the app ended with ${String(code)}`))
  })
  return {
    async ask(order) {
      const id = orders++
      if (order.kind === 'load') lines.set(id, [])
      const answer = Promise.withResolvers<Value>()
      waiting.set(id, answer)
      child.send({ ...order, id })
      try {
        return { id, value: await answer.promise }
      } finally {
        waiting.delete(id)
      }
    },
    logOf: (load) => lines.get(load) ?? [],
    holdsOpen(holds) {
      if (holds) {
        child.ref()
        child.channel?.ref()
      } else {
        child.unref()
        child.channel?.unref()
      }
    },
    async end() {
      child.kill('SIGKILL')
      await exited
    },
  }
}
