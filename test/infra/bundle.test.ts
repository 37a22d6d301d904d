import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { copyFile, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { describe, test, type TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import * as z from 'zod'
import { bundleFolder } from '../bundle.ts'
import { completeSettings, notificationFor } from '../functions/serve.ts'

const run = promisify(execFile)
const starter = fileURLToPath(new URL('../bench/start-app.ts', import.meta.url))

const startSchema = z.object({ status: z.string(), body: z.string() })
const answerSchema = z.object({ reason: z.string(), message: z.string() })

describe('the bundle, without node_modules', () => {
  /** Starts the bundle in a separate process and sends it one request. */
  async function answerOf(name: string, env: Record<string, string>, directory?: string) {
    const bundle = path.join(directory ?? path.join(await bundleFolder(), 'dist'), 'main.cjs')
    const args = [starter, bundle, name, notificationFor(name)]
    const { stdout } = await run(process.execPath, args, { env })
    // The lines before are the app's log.
    const { status, body } = startSchema.parse(JSON.parse(stdout.trim().split('\n').at(-1) ?? ''))
    return { status, ...answerSchema.parse(JSON.parse(body)) }
  }

  test('a request to ARM over https needs an identity', async () => {
    const answer = await answerOf('scale-out', {
      ...completeSettings,
      AZURE_RESOURCE_MANAGER_ENDPOINT: 'https://127.0.0.1:1',
      // Makes @azure/identity try no other identity of this machine.
      AZURE_TOKEN_CREDENTIALS: 'EnvironmentCredential',
    })
    assert.equal(answer.reason, 'azure-refused')
    assert.match(answer.message, /authentication failed.*give the function app its managed identity/)
  })

  /** A folder with only these files of the bundle. */
  async function withOnly(t: TestContext, ...files: string[]): Promise<string> {
    const folder = await mkdtemp(path.join(tmpdir(), 'citus-autoscaler-alone-'))
    t.after(() => rm(folder, { recursive: true }))
    for (const file of files) await copyFile(path.join(await bundleFolder(), 'dist', file), path.join(folder, file))
    return folder
  }

  test('main.cjs alone answers requests that need neither ARM nor the database', async (t) => {
    const entra = { PG_AUTHENTICATION: 'entra', PG_CONNECTION_URL: 'postgres://citus@127.0.0.1:1/citus' }
    for (const change of [{}, entra]) {
      const settings = { ...completeSettings, ...change, AUTOSCALE_MODE: 'paused' }
      assert.equal((await answerOf('scale-out', settings, await withOnly(t, 'main.cjs'))).reason, 'paused')
    }
  })

  test('with a password, @azure/identity is not loaded', async (t) => {
    const folder = await withOnly(t, 'main.cjs', 'connect.cjs')
    const { reason, message } = await answerOf('rebalance', completeSettings, folder)
    assert.equal(reason, 'citus-unavailable', message)
  })
})
