import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { copyFile, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import * as z from 'zod'
import { bundleFolder } from '../bundle.ts'
import { completeSettings } from '../functions/serve.ts'
import { readPayload } from '../payloads/read-payload.ts'

const run = promisify(execFile)
const starter = fileURLToPath(new URL('../bench/start-app.ts', import.meta.url))

const startSchema = z.object({ status: z.string(), body: z.string() })
const answerSchema = z.object({ reason: z.string(), message: z.string() })

describe('the bundle, without node_modules', () => {
  /** Starts the bundle in a process of its own and has one request answered. */
  async function answerOf(name: string, env: Record<string, string>, directory?: string) {
    const bundle = path.join(directory ?? path.join(await bundleFolder(), 'dist'), 'main.cjs')
    const args = [starter, bundle, name, readPayload('grafana-firing')]
    const { stdout } = await run(process.execPath, args, { env })
    // What the app logs comes before.
    const { status, body } = startSchema.parse(JSON.parse(stdout.trim().split('\n').at(-1) ?? ''))
    return { status, ...answerSchema.parse(JSON.parse(body)) }
  }

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

  test('what needs neither ARM nor the database is answered by main.cjs alone', async (t) => {
    const alone = await mkdtemp(path.join(tmpdir(), 'citus-autoscaler-alone-'))
    t.after(() => rm(alone, { recursive: true }))
    await copyFile(path.join(await bundleFolder(), 'dist', 'main.cjs'), path.join(alone, 'main.cjs'))
    const { reason } = await answerOf('scale-out', { ...completeSettings, AUTOSCALE_MODE: 'paused' }, alone)
    assert.equal(reason, 'paused')
  })
})
