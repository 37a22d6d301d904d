import { openWayToDatabase, passOn } from './way-to-database.ts'

/** A way to the database on which it can fall silent: what is connected hears nothing more, and neither does what connects then. */
export async function openSilenceableWay(url: string) {
  let isSilent = false
  const open = new Set<() => void>()
  const way = await openWayToDatabase(url, (client, upstream) => {
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
    url: way.url,
    setSilent(on: boolean) {
      isSilent = on
      if (on) for (const silence of open) silence()
      // What was asked in the silence is lost: whoever waits still has to connect again.
      else way.breakAll()
    },
    close: () => way.close(),
  }
}
