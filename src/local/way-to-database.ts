import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'

/** Passes on, or not, what one connection's two ends send. */
export type Carry = (client: Socket, upstream: Socket) => void

/** Passes everything on. */
export const passOn: Carry = (client, upstream) => {
  client.pipe(upstream)
  upstream.pipe(client)
}

export type WayToDatabase = {
  /** Of the database, by this way. */
  url: string
  /** Breaks every connection. */
  breakAll: () => void
  close: () => Promise<void>
}

/** A way to the database over which `carry` decides, connection by connection; when one end goes, the other is let go as well. */
export async function openWayToDatabase(url: string, carry: Carry, host = '127.0.0.1'): Promise<WayToDatabase> {
  const target = new URL(url)
  const sockets = new Set<Socket>()
  const server = createServer((client) => {
    const upstream = connect(Number(target.port), target.hostname)
    for (const socket of [client, upstream]) {
      sockets.add(socket)
      socket.on('error', () => socket.destroy())
      socket.on('close', () => {
        sockets.delete(socket)
        client.destroy()
        upstream.destroy()
      })
    }
    carry(client, upstream)
  })
  server.listen(0, host)
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('a TCP server has a port')
  const breakAll = () => {
    for (const socket of sockets) socket.destroy()
  }
  return {
    url: Object.assign(new URL(url), { host: `${host.includes(':') ? `[${host}]` : host}:${address.port}` }).href,
    breakAll,
    async close() {
      server.close()
      breakAll()
      await once(server, 'close')
    },
  }
}
