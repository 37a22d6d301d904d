import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { test } from 'node:test'
import { armClient } from '../../src/azure/arm-client.ts'
import { armFailure } from '../../src/azure/arm-error.ts'
import { listen } from '../../src/local/listen.ts'

/** What a read by way of https is answered, with this environment for @azure/identity. */
async function failureWith(environment: Record<string, string>, subscriptionId: string) {
  Object.assign(process.env, environment)
  const client = await armClient({ endpoint: 'https://127.0.0.1:1', subscriptionId })
  return client.resources.getById('/cluster', '2022-11-08').then(
    () => assert.fail('there is nobody to answer'),
    (error: unknown) => armFailure('read cluster demo', error, new Date()),
  )
}

test('without an identity, it is named what was tried and what to do', async () => {
  const { reason, code, message } = await failureWith({ AZURE_TOKEN_CREDENTIALS: 'EnvironmentCredential' }, '1')
  assert.deepEqual([reason, code], ['azure-unavailable', 'NO_TOKEN'])
  assert.match(
    message,
    /gave no usable answer: authentication failed: EnvironmentCredential is unavailable.* \(give the function app its managed identity, or sign in with az login on your machine\)$/,
  )
})

test("an identity that is refused: the no of the token's endpoint is not taken for one of ARM", async (t) => {
  const refusal = { statusCode: 400, message: 'No User Assigned Managed Identity found for specified ClientId' }
  const server = createServer((_request, response) => {
    response.writeHead(400, { 'content-type': 'application/json' }).end(JSON.stringify(refusal))
  })
  const endpoint = await listen(server, 0)
  t.after(() => endpoint.close())
  // As App Service tells an app where its identity is.
  const { reason, code, message } = await failureWith(
    {
      AZURE_TOKEN_CREDENTIALS: 'ManagedIdentityCredential',
      IDENTITY_ENDPOINT: `${endpoint.url}/msi/token`,
      IDENTITY_HEADER: 'header',
    },
    '2',
  )
  assert.deepEqual([reason, code], ['azure-unavailable', 'NO_TOKEN'])
  assert.match(
    message,
    /authentication failed: .*No User Assigned Managed Identity found for specified ClientId.* \(give/,
  )
})
