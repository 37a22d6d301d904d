import type { TestContext } from 'node:test'
import { startDatabaseProxy, type Carry } from '../../src/local/database-proxy.ts'

export { passOn, type Carry } from '../../src/local/database-proxy.ts'

/** A proxy for the database that runs until the test ends. */
export async function databaseProxy(t: TestContext, url: string, carry: Carry, host?: string): Promise<string> {
  const proxy = await startDatabaseProxy(url, carry, host)
  t.after(() => proxy.close())
  return proxy.url
}

/**
 * A proxy for the database through which, while set slow, connecting takes long: it delays the first two messages of a client, which are
 * the TLS request and, without TLS, the login.
 */
export async function slowProxy(t: TestContext, url: string, milliseconds: number) {
  let isSlow = false
  const proxy = await databaseProxy(t, url, (client, upstream) => {
    upstream.pipe(client)
    if (!isSlow) return void client.pipe(upstream)
    let received = 0
    client.on('data', (chunk) => {
      received += 1
      if (received > 2) return void upstream.write(chunk)
      client.pause()
      setTimeout(() => {
        upstream.write(chunk)
        client.resume()
      }, milliseconds)
    })
  })
  return { url: `${proxy}?sslmode=prefer`, setSlow: (on: boolean) => (isSlow = on) }
}
