import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { run } from '../../grafana/apply/run.ts'
import { exampleVariables } from './example-variables.ts'
import { startGrafanaApi } from './grafana-api-stand-in.ts'

export const token = 'glsa_the-token'
const secrets = [token, exampleVariables.AUTOSCALER_WEBHOOK_SECRET, exampleVariables.CITUS_READER_PASSWORD]

/** Runs the command and returns its output, which must not contain a secret. */
export async function apply(
  url: string,
  args: readonly string[] = [],
  variables: Record<string, string> = exampleVariables,
) {
  const lines: string[] = []
  const succeeded = await run(['--url', url, ...args], { GRAFANA_TOKEN: token, ...variables }, (line) =>
    lines.push(line),
  )
  const output = lines.join('\n')
  for (const secret of secrets) assert.ok(!output.includes(secret), `${secret} is in the output`)
  return { succeeded, output }
}

/** An empty Grafana. */
export async function grafana(t: TestContext, refuse?: Parameters<typeof startGrafanaApi>[1]) {
  const api = await startGrafanaApi(token, refuse)
  t.after(() => api.close())
  return api
}
