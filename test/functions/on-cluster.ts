import type { TestContext } from 'node:test'
import type { ArmEmulator } from '../../src/local/arm/start-arm-emulator.ts'
import { testOnCluster, type TestCluster } from '../citus/clusters.ts'
import { withArm } from './arm.ts'
import { forEachAppSideBySide, type Served } from './serve.ts'

export type ServedCluster = TestCluster &
  Omit<Served, 'url'> & {
    arm: ArmEmulator
    /** Another instance of the same app, with this clock. */
    serveAt: (time: () => Date) => Promise<Served>
  }

/**
 * A test of the functions over HTTP, on the stand-in and on a real Citus (see `testOnCluster`). ARM says that the cluster has two workers.
 */
export function testFunctionsOnCluster(
  name: string,
  run: (served: ServedCluster, t: TestContext) => Promise<void>,
  more: Record<string, string> = {},
): void {
  forEachAppSideBySide((app) =>
    testOnCluster(name, async (cluster, t) => {
      const { arm, settings } = await withArm(t)
      const all = { ...settings, PG_CONNECTION_URL: cluster.url, ...more }
      const served = await app.serve(t, all)
      await run({ ...served, ...cluster, arm, serveAt: (time) => app.serve(t, all, time) }, t)
    }),
  )
}

export const hoursFromNow = (hours: number) => () => new Date(Date.now() + hours * 3_600_000)

/** Whether ARM got only GET requests. */
export const onlyRead = ({ requests }: ArmEmulator) => requests.every(({ method }) => method === 'GET')
