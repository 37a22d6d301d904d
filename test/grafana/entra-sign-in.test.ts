import assert from 'node:assert/strict'
import test from 'node:test'
import { run } from '../../grafana/apply/run.ts'
import { answersWith, givesToken, startIdentityEndpoint } from '../azure/identity-endpoint.ts'
import { exampleVariables } from './example-variables.ts'
import { startGrafanaApi } from './grafana-api-stand-in.ts'

test('--entra signs in to Grafana with a token, and without one says in a sentence what to do', async (t) => {
  const api = await startGrafanaApi('entra-token')
  t.after(() => api.close())
  const refusal = answersWith(400, { statusCode: 400, message: 'No Managed Identity found' })
  const endpoint = await startIdentityEndpoint(t, refusal)
  Object.assign(process.env, endpoint.environment)
  const lines: string[] = []
  const apply = () => run(['--url', api.url, '--entra'], exampleVariables, (line) => lines.push(line))

  assert.equal(await apply(), false)
  assert.equal(lines.length, 1)
  assert.match(
    lines[0] ?? '',
    /^failed +Microsoft Entra ID gave no token .*: sign in with az login, or .*GRAFANA_TOKEN/,
  )
  assert.match(lines[0] ?? '', /No Managed Identity found/)

  endpoint.answerWith(givesToken('entra-token', new Date(Date.now() + 3_600_000)))
  assert.ok(await apply(), lines.join('\n'))
  assert.deepEqual([...new Set(endpoint.asked)], ['https://dashboard.azure.com'])
})
