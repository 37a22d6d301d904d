import type { TestContext } from 'node:test'
import { databaseProxy } from './database-proxy.ts'

/** What happens to a connection once the client has sent the trigger text. */
export type Fault = 'cut-before' | 'cut-after' | 'silence'

/**
 * A proxy for the database that breaks on the first statement that holds the trigger: before the server gets it, just after it has got it,
 * or by never passing on an answer again. Later connections are left alone, but for a silent one.
 */
export function brokenProxy(t: TestContext, url: string, trigger: string, fault: Fault): Promise<string> {
  let isBroken = false
  return databaseProxy(t, url, (client, upstream) => {
    let silent = false
    upstream.on('data', (chunk) => {
      if (!silent) client.write(chunk)
    })
    client.on('data', (chunk) => {
      const hit = chunk.includes(trigger) && (fault === 'silence' || !isBroken)
      if (!hit) return void upstream.write(chunk)
      isBroken = true
      if (fault === 'cut-before') return void client.destroy()
      upstream.write(chunk)
      silent = true
      // The server is at work on the statement when its answer would come.
      if (fault === 'cut-after') upstream.once('data', () => client.resetAndDestroy())
    })
  })
}

/** A proxy for the database that holds the first statement with the trigger back until it is released. */
export async function holdingProxy(t: TestContext, url: string, trigger: string) {
  const reached = Promise.withResolvers<undefined>()
  const released = Promise.withResolvers<undefined>()
  const proxy = await databaseProxy(t, url, (client, upstream) => {
    upstream.on('data', (chunk) => client.write(chunk))
    client.on('data', (chunk) => {
      if (!chunk.includes(trigger)) return void upstream.write(chunk)
      reached.resolve(undefined)
      void released.promise.then(() => upstream.write(chunk))
    })
  })
  return { proxy, reached: reached.promise, release: () => released.resolve(undefined) }
}
