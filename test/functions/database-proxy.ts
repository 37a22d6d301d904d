import type { TestContext } from 'node:test'
import { startDatabaseProxy, type Carry } from '../../src/local/database-proxy.ts'

export { passOn, type Carry } from '../../src/local/database-proxy.ts'

/** A way to the database for the time of a test. */
export async function databaseProxy(t: TestContext, url: string, carry: Carry, host?: string): Promise<string> {
  const proxy = await startDatabaseProxy(url, carry, host)
  t.after(() => proxy.close())
  return proxy.url
}
