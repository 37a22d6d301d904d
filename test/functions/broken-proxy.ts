import type { TestContext } from 'node:test'
import { databaseProxy } from './database-proxy.ts'

/** What happens to a connection once the client has sent the trigger text. */
export type Fault = 'cut-before' | 'cut-after' | 'silence'

/**
 * A proxy for the database that breaks at the first statement with the trigger text: it cuts the connection before or after the server has
 * received it, or passes on no more answers. Later connections work, except with `silence`.
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
      // The server's answer shows that it has run the statement.
      if (fault === 'cut-after') upstream.once('data', () => client.resetAndDestroy())
    })
  })
}

/** A proxy for the database that holds back statements with the trigger text until released. */
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
