import type { TestContext } from 'node:test'
import { openWayToDatabase, type Carry } from '../../src/local/way-to-database.ts'

export { passOn, type Carry } from '../../src/local/way-to-database.ts'

/** A way to the database for the time of a test. */
export async function wayToDatabase(t: TestContext, url: string, carry: Carry, host?: string): Promise<string> {
  const way = await openWayToDatabase(url, carry, host)
  t.after(() => way.close())
  return way.url
}

/**
 * A way to the database on which connecting takes its time, once it is slow: the first two things that a client says are held back for a
 * while, which are the question for TLS and, without TLS, the sign-in.
 */
export async function slowWayTo(t: TestContext, url: string, milliseconds: number) {
  let isSlow = false
  const way = await wayToDatabase(t, url, (client, upstream) => {
    upstream.pipe(client)
    if (!isSlow) return void client.pipe(upstream)
    let heard = 0
    client.on('data', (chunk) => {
      heard += 1
      if (heard > 2) return void upstream.write(chunk)
      client.pause()
      setTimeout(() => {
        upstream.write(chunk)
        client.resume()
      }, milliseconds)
    })
  })
  return { url: `${way}?sslmode=prefer`, setSlow: (on: boolean) => (isSlow = on) }
}
