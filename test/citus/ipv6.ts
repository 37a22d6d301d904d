import { once } from 'node:events'
import { createServer } from 'node:net'

/** Why tests of IPv6 are skipped, or false. */
export const withoutIpv6 = await (async () => {
  const server = createServer().listen(0, '::1')
  try {
    await once(server, 'listening')
    return false
  } catch {
    return 'this machine has no ::1'
  } finally {
    server.close()
  }
})()
