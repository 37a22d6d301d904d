import { describe, type TestContext } from 'node:test'
import * as z from 'zod'
import { bundleFolder } from '../bundle.ts'
import { isInFull } from '../in-full.ts'
import { readPayload } from '../payloads/read-payload.ts'
import { startBundleInstance, startInstance, type Instance } from './start-instance.ts'

const answerSchema = z.looseObject({
  outcome: z.string(),
  reason: z.string(),
  message: z.string(),
  code: z.string().optional(),
  alerts: z.record(z.string(), z.number()),
  workers: z.object({ from: z.number(), to: z.number() }).optional(),
  job: z.number().optional(),
  moves: z.number().optional(),
  until: z.iso.datetime().optional(),
  problems: z.array(z.string()).optional(),
  warnings: z.array(z.string()).optional(),
  /** Of `status`: what a scale-out would answer now. */
  next: z
    .object({
      outcome: z.string(),
      reason: z.string(),
      message: z.string(),
      workers: z.object({ from: z.number(), to: z.number() }).optional(),
      until: z.iso.datetime().optional(),
    })
    .optional(),
})

export type Answered = { status: number; type: string | null; text: string } & z.infer<typeof answerSchema>

/** Complete settings whose upstreams are ports where nothing listens. */
export const completeSettings = {
  CLUSTER_NAME: 'demo',
  AZURE_SUBSCRIPTION_ID: '00000000-0000-0000-0000-000000000001',
  AZURE_RESOURCE_GROUP: 'rg',
  AZURE_RESOURCE_MANAGER_ENDPOINT: 'http://127.0.0.1:1',
  PG_CONNECTION_URL: 'postgres://citus:database-word@127.0.0.1:1/citus',
}

type Settings = Record<string, string | undefined>
type Clock = () => Date

/** The functions over HTTP; they end with the test. */
export type Served = {
  url: string
  log: () => Promise<readonly string[]>
  post: (path: string, body?: string | Uint8Array, headers?: Record<string, string>) => Promise<Answered>
  get: (path: string) => Promise<Answered>
}

export type App = {
  name: 'source' | 'bundle'
  /** Serves the functions with these settings and, if given, this clock. */
  serve: (t: TestContext, settings: Settings, now?: Clock) => Promise<Served>
  /** Serves them from a process that no other app uses at the same time. */
  start: (settings: Settings) => Promise<Instance>
}

const source: App = {
  name: 'source',
  async serve(t, settings, now = () => new Date()) {
    // Loaded on first use: `npm test` mostly runs the bundle. The SDK too, since on a busy machine loading it may take longer than the
    // time limit of the first request to ARM.
    await import('@azure/arm-resources')
    const { closeDatabase } = await import('../../src/citus/connection.ts')
    const { functionTable } = await import('../../src/functions/function-table.ts')
    const { startFunctionsHost } = await import('../../src/local/functions-host.ts')
    const lines: string[] = []
    const table = functionTable({ environment: settings, now })
    const host = await startFunctionsHost(table, { port: 0, onLog: (line) => lines.push(line) })
    t.after(async () => {
      await host.close()
      await closeDatabase()
    })
    return { ...clientOf(host.url), log: () => Promise.resolve(lines) }
  },
  start: (settings) => startInstance(settings, undefined),
}

const bundle: App = {
  name: 'bundle',
  async serve(t, settings, now) {
    const instance = await bundle.start(settings)
    t.after(instance.stop)
    const beforeRequest = async () => now && (await instance.setClock(now()))
    return { ...clientOf(instance.url, beforeRequest), log: instance.log }
  },
  start: async (settings) => startBundleInstance(settings, await bundleFolder()),
}

export const apps = { source, bundle }

/** The bundle, as it is deployed. TEST_IN_FULL=1 adds the source, where the stack of a failure names the line. */
const tested = isInFull ? [source, bundle] : [bundle]

/** Runs the same tests on each tested app. The bundle runs in a process other than the test's. */
export function forEachApp(tests: (app: App) => void): void {
  for (const app of tested) describe(app.name, () => tests(app))
}

/**
 * The same for tests that wait for timeouts of the product and share nothing: the apps run at the same time, and on the bundle, where each
 * test has its own process, `atOnce` tests at a time.
 */
export function forEachAppSideBySide(tests: (app: App) => void, { atOnce = 3 } = {}): void {
  describe('side by side', { concurrency: true }, () => {
    for (const app of tested) describe(app.name, { concurrency: app === bundle ? atOnce : 1 }, () => tests(app))
  })
}

/** A notification that is addressed to the function. */
export const notificationFor = (path: string) =>
  readPayload(path.startsWith('rebalance') ? 'grafana-rebalance' : 'grafana-firing')

/** A client for the app at this URL. */
export function clientOf(url: string, beforeRequest: () => Promise<unknown> = () => Promise.resolve()) {
  const ask = async (path: string, init?: RequestInit): Promise<Answered> => {
    await beforeRequest()
    const response = await fetch(`${url}/api/${path}`, init)
    const text = await response.text()
    const body = answerSchema.parse(JSON.parse(text))
    return { ...body, status: response.status, type: response.headers.get('content-type'), text }
  }
  const post: Served['post'] = (path, body = notificationFor(path), headers = {}) =>
    ask(path, { method: 'POST', body, headers: { 'content-type': 'application/json', ...headers } })
  return { url, post, get: (path: string) => ask(path) }
}
