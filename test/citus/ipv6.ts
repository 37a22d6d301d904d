import { once } from 'node:events'
import { createServer } from 'node:net'

/** Why there is no test of IPv6, where there is none. */
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
