import type { TestContext } from 'node:test'
import { openWayToDatabase, type Carry } from '../../src/local/way-to-database.ts'

export { passOn, type Carry } from '../../src/local/way-to-database.ts'

/** A way to the database for the time of a test. */
export async function wayToDatabase(t: TestContext, url: string, carry: Carry, host?: string): Promise<string> {
  const way = await openWayToDatabase(url, carry, host)
  t.after(() => way.close())
  return way.url
}
