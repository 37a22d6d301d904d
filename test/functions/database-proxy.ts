import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import type { TestContext } from 'node:test'

/** What happens to a connection once the client has sent the trigger text. */
export type Fault = 'cut-before' | 'cut-after' | 'silence'

/**
 * A way to the database that breaks on the first statement that holds the trigger: before the server gets it, just after it has got it,
 * or by never passing on an answer again. Later connections are left alone, but for a silent one.
 */
export async function brokenWayTo(t: TestContext, url: string, trigger: string, fault: Fault): Promise<string> {
  const target = new URL(url)
  const sockets = new Set<Socket>()
  let isBroken = false

  const server = createServer((client) => {
    const upstream = connect(Number(target.port), target.hostname)
    for (const socket of [client, upstream]) {
      sockets.add(socket)
      socket.on('error', () => socket.destroy())
      socket.on('close', () => {
        client.destroy()
        upstream.destroy()
      })
    }
    let silent = false
    upstream.on('data', (chunk) => {
      if (!silent) client.write(chunk)
    })
    client.on('data', (chunk) => {
      const hit = chunk.includes(trigger) && (fault === 'silence' || !isBroken)
      if (!hit) return void upstream.write(chunk)
      isBroken = true
      if (fault === 'cut-before') return void client.destroy()
      upstream.write(chunk)
      silent = true
      // The server is at work on the statement when its answer would come.
      if (fault === 'cut-after') upstream.once('data', () => client.resetAndDestroy())
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    server.close()
    for (const socket of sockets) socket.destroy()
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('a TCP server has a port')
  const way = new URL(url)
  way.host = `127.0.0.1:${address.port}`
  return way.href
}
