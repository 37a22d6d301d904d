import { once } from 'node:events'
import type { Server } from 'node:http'

export type Listening = { url: string; close(): Promise<void> }

/** Makes a server listen on 127.0.0.1 only; port 0 is any free port. Rejects when the port is in use. */
export async function listen(server: Server, port: number): Promise<Listening> {
  server.listen(port, '127.0.0.1')
  await once(server, 'listening').catch((cause: unknown) => {
    const what = cause instanceof Error ? cause.message : String(cause)
    throw new Error(`${what}: end the process that uses the port, or choose another with --port`, { cause })
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('a TCP server has an address of host and port')
  return {
    url: `http://127.0.0.1:${address.port}`,
    async close() {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}
