import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import { test } from 'node:test'
import { listen } from '../../src/local/listen.ts'
import { startSilenceableProxy } from '../../src/local/silenceable-proxy.ts'

test('during the silence no data passes on old or new connections, and at its end both are closed', async (t) => {
  const asked: string[] = []
  const echo = createServer((socket) => socket.on('error', () => undefined).on('data', (data) => {
    asked.push(data.toString())
    socket.write(data)
  })) // prettier-ignore
  echo.listen(0, '127.0.0.1')
  await once(echo, 'listening')
  t.after(() => echo.close())
  const address = echo.address()
  assert.ok(address !== null && typeof address === 'object')
  const proxy = await startSilenceableProxy(`postgres://u@127.0.0.1:${address.port}/d`)
  t.after(() => proxy.close())
  const open = async () => {
    const socket = connect(Number(new URL(proxy.url).port), '127.0.0.1').on('error', () => undefined)
    await once(socket, 'connect')
    return socket
  }

  const old = await open()
  old.write('before')
  assert.equal(String((await once(old, 'data'))[0]), 'before')
  proxy.setSilent(true)
  const added = await open()
  old.write('lost')
  added.write('lost')
  const closed = [once(old, 'close'), once(added, 'close')]
  // After a round trip on another connection, the proxy has read what was sent.
  const other = await listenAndAsk()
  assert.deepEqual(asked, ['before'])
  proxy.setSilent(false)
  await Promise.all(closed)
  assert.deepEqual(asked, ['before'])
  const again = await open()
  again.write('after')
  assert.equal(String((await once(again, 'data'))[0]), 'after')
  again.destroy()
  assert.equal(other, 204)
})

/** A round trip on another connection. */
async function listenAndAsk(): Promise<number> {
  const { createServer: createHttpServer } = await import('node:http')
  const server = await listen(createHttpServer((_, response) => response.writeHead(204).end()), 0) // prettier-ignore
  const { status } = await fetch(server.url)
  await server.close()
  return status
}
