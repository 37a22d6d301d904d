import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { test } from 'node:test'
import { armClient } from '../../src/azure/arm-client.ts'

test('each request opens a connection, and no token is sent to a loopback address', async (t) => {
  let connections = 0
  const authorizations: unknown[] = []
  const server = createServer((request, response) => {
    authorizations.push(request.headers.authorization)
    response.writeHead(200, { 'content-type': 'application/json' }).end('{"id":"cluster"}')
  })
  server.on('connection', () => (connections += 1))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => server.close())
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('a TCP server has a port')
  const client = await armClient({ endpoint: `http://127.0.0.1:${address.port}`, subscriptionId: 'any' })
  for (let time = 1; time <= 3; time++) {
    assert.equal((await client.resources.getById('/cluster', '2022-11-08')).id, 'cluster')
    assert.equal(connections, time)
  }
  assert.deepEqual(authorizations, [undefined, undefined, undefined])
})
