import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { test } from 'node:test'
import { promisify } from 'node:util'
import * as z from 'zod'
import { bundleFolder } from '../bundle.ts'
import { isInFull } from '../in-full.ts'

const resultSchema = z.object({
  statuses: z.record(z.string(), z.number()),
  heap: z.array(z.number()),
  deployments: z.number(),
})

const runs = isInFull ? 20_000 : 500
const apps = isInFull ? ['source', 'bundle'] : ['bundle']
for (const name of apps)
  test(`${name}: ${runs} mutated and garbage notifications: no 5xx except for the missing database, one deployment, no memory leak`, async () => {
    const command = ['test/functions/fuzz-run.ts', `${runs}`, ...(name === 'bundle' ? [await bundleFolder()] : [])]
    const { stdout } = await promisify(execFile)(process.execPath, command)
    const { statuses, heap, deployments } = resultSchema.parse(JSON.parse(stdout))
    // There is no database here, on purpose.
    const bad = Object.keys(statuses).filter((key) => /^5|no answer/.test(key) && key !== '503 citus-unavailable')
    assert.deepEqual(bad, [], stdout)
    assert.equal(deployments, 1, stdout)
    assert.equal(statuses['202 scaling-out'], 1, stdout)
    for (const reason of ['400 bad-request', '200 test-alert', '200 operation-in-progress'])
      assert.ok((statuses[reason] ?? 0) > runs / 200, stdout)
    const [, early = 0] = heap
    assert.ok((heap.at(-1) ?? 0) < early * 1.2, `heap in bytes: ${heap.join(', ')}`)
  })
