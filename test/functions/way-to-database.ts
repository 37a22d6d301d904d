import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import type { TestContext } from 'node:test'

/** Passes on, or not, what one connection's two ends send. */
export type Carry = (client: Socket, upstream: Socket) => void

/** Passes everything on. */
export const passOn: Carry = (client, upstream) => {
  client.pipe(upstream)
  upstream.pipe(client)
}

/** A way to the database over which `carry` decides, connection by connection; when one end goes, the other is let go as well. */
export async function wayToDatabase(t: TestContext, url: string, carry: Carry, host = '127.0.0.1'): Promise<string> {
  const target = new URL(url)
  const sockets = new Set<Socket>()
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
    carry(client, upstream)
  })
  server.listen(0, host)
  await once(server, 'listening')
  t.after(() => {
    server.close()
    for (const socket of sockets) socket.destroy()
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('a TCP server has a port')
  return Object.assign(new URL(url), { host: `${host.includes(':') ? `[${host}]` : host}:${address.port}` }).href
}
