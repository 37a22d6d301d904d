import { startDatabaseProxy, passOn } from './database-proxy.ts'

/** A proxy to the database that can be silenced: it then passes nothing on, for present and for new connections. */
export async function startSilenceableProxy(url: string) {
  let isSilent = false
  const open = new Set<() => void>()
  const proxy = await startDatabaseProxy(url, (client, upstream) => {
    if (isSilent) return void client.resume()
    passOn(client, upstream)
    const silence = () => {
      client.unpipe(upstream)
      upstream.unpipe(client)
    }
    open.add(silence)
    client.on('close', () => open.delete(silence))
  })
  return {
    url: proxy.url,
    setSilent(on: boolean) {
      isSilent = on
      if (on) for (const silence of open) silence()
      // Requests sent during the silence are lost: clients that still wait must reconnect.
      else proxy.breakAll()
    },
    close: () => proxy.close(),
  }
}
