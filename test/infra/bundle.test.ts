import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { copyFile, mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, before, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import * as z from 'zod'
import { createDatabase } from '../database.ts'
import { withArm } from '../functions/arm.ts'
import { completeSettings } from '../functions/serve.ts'
import { readPayload } from '../payloads/read-payload.ts'

const run = promisify(execFile)
const starter = fileURLToPath(new URL('../bench/start-app.ts', import.meta.url))

const startSchema = z.object({ status: z.string(), body: z.string() })
const answerSchema = z.object({ reason: z.string(), message: z.string() })

describe('the bundle, without node_modules', () => {
  let folder: string
  let full: string
  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'citus-autoscaler-bundle-'))
    full = path.join(folder, 'full')
    await run('npm', ['run', 'build', '--', full])
  })
  after(() => rm(folder, { recursive: true }))

  /** Starts the bundle in a process of its own and has one request answered. */
  async function answerOf(name: string, env: Record<string, string>, directory = full) {
    const bundle = path.join(directory, 'main.cjs')
    const args = [starter, bundle, name, readPayload('grafana-firing')]
    const { stdout } = await run(process.execPath, args, { env })
    // What the app logs comes before.
    const { status, body } = startSchema.parse(JSON.parse(stdout.trim().split('\n').at(-1) ?? ''))
    return { status, ...answerSchema.parse(JSON.parse(body)) }
  }

  test('scale-out asks ARM by the SDK, rebalance the database by the driver', async (t) => {
    const { url, sql, drop } = await createDatabase()
    t.after(drop)
    await sql`CREATE TABLE events (tenant_id int PRIMARY KEY)`
    await sql`SELECT create_distributed_table('events', 'tenant_id')`
    const { settings } = await withArm(t)
    const env = { ...settings, PG_CONNECTION_URL: url }
    const [scaleOut, rebalance] = await Promise.all([answerOf('scale-out', env), answerOf('rebalance', env)])
    assert.deepEqual([scaleOut.status, scaleOut.reason], ['202', 'scaling-out'], scaleOut.message)
    assert.deepEqual([rebalance.status, rebalance.reason], ['200', 'balanced'], rebalance.message)
  })

  test('ARM over https is asked with an identity', async () => {
    const answer = await answerOf('scale-out', {
      ...completeSettings,
      AZURE_RESOURCE_MANAGER_ENDPOINT: 'https://127.0.0.1:1',
      // Of @azure/identity: nobody else's identity on this machine is tried.
      AZURE_TOKEN_CREDENTIALS: 'EnvironmentCredential',
    })
    assert.equal(answer.reason, 'azure-unavailable')
    assert.match(answer.message, /authentication failed.*give the function app its managed identity/)
  })

  test('what needs neither ARM nor the database is answered by main.cjs alone', async () => {
    const alone = path.join(folder, 'alone')
    await mkdir(alone)
    await copyFile(path.join(full, 'main.cjs'), path.join(alone, 'main.cjs'))
    const { reason } = await answerOf('scale-out', { ...completeSettings, AUTOSCALE_MODE: 'paused' }, alone)
    assert.equal(reason, 'paused')
  })
})
