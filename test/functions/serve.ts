import type { TestContext } from 'node:test'
import * as z from 'zod'
import { closeDatabase } from '../../src/citus/connection.ts'
import { functionTable } from '../../src/functions/function-table.ts'
import { startFunctionsHost } from '../../src/local/functions-host.ts'
import { readPayload } from '../payloads/read-payload.ts'

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
})

export type Answered = { status: number; type: string | null; text: string } & z.infer<typeof answerSchema>

/** Settings that are complete; their upstreams are ports that nobody listens on. */
export const completeSettings = {
  CLUSTER_NAME: 'demo',
  AZURE_SUBSCRIPTION_ID: '00000000-0000-0000-0000-000000000001',
  AZURE_RESOURCE_GROUP: 'rg',
  AZURE_RESOURCE_MANAGER_ENDPOINT: 'http://127.0.0.1:1',
  PG_CONNECTION_URL: 'postgres://citus:database-word@127.0.0.1:1/citus',
}

/** The functions over HTTP, with settings of the test's own and, if it wants, a clock; they end with the test. */
export async function serve(t: TestContext, settings: Record<string, string | undefined>, now = () => new Date()) {
  const log: string[] = []
  const table = functionTable({ environment: settings, now })
  const host = await startFunctionsHost(table, { port: 0, onLog: (line) => log.push(line) })
  t.after(async () => {
    await host.close()
    await closeDatabase()
  })
  const ask = async (path: string, init?: RequestInit): Promise<Answered> => {
    const response = await fetch(`${host.url}/api/${path}`, init)
    const text = await response.text()
    const body = answerSchema.parse(JSON.parse(text))
    return { ...body, status: response.status, type: response.headers.get('content-type'), text }
  }
  const post = (
    path: string,
    body: string | Uint8Array = readPayload('grafana-firing'),
    headers: Record<string, string> = {},
  ) => ask(path, { method: 'POST', body, headers: { 'content-type': 'application/json', ...headers } })
  return { url: host.url, log, post, get: (path: string) => ask(path) }
}
