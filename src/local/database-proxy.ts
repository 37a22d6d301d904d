import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'

/** Passes the data of one connection on, or does not. */
export type Carry = (client: Socket, upstream: Socket) => void

/** Passes everything on. */
export const passOn: Carry = (client, upstream) => {
  client.pipe(upstream)
  upstream.pipe(client)
}

export type DatabaseProxy = {
  /** The URL of the database through this proxy. */
  url: string
  /** Breaks every connection. */
  breakAll: () => void
  close: () => Promise<void>
}

/** Starts a TCP proxy to the database; `carry` handles each connection. When one side closes, the other is closed, too. */
export async function startDatabaseProxy(url: string, carry: Carry, host = '127.0.0.1'): Promise<DatabaseProxy> {
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
