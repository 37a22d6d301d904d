import { verifyFull, type ConnectionUrl } from './connection-url.ts'
import type { Server, Tls } from './dial.ts'
import type { SignsInBy } from './hint-for.ts'

/** The coordinator's database: address, user, and how its certificate is verified. */
export type Database = ConnectionUrl & {
  caCertificate: string | undefined
  /** Set when the app's identity signs in with a token of Microsoft Entra ID: the scope of the token. */
  entraScope: string | undefined
}

export const signsInBy = ({ entraScope }: Database): SignsInBy => (entraScope === undefined ? 'password' : 'token')

const loopback = /^(localhost|127(\.\d{1,3}){3}|::1)$/i

/** Without an sslmode, TLS is used and verified, unless the host is a loopback address. A token is sent with TLS only, even there. */
export const tlsFor = ({ tls, entraScope }: Database, { host }: Server): Tls =>
  tls ?? (loopback.test(host) && entraScope === undefined ? { use: 'never' } : verifyFull)

/** The same user and database on another server, which is to become a worker. */
export const onServer = (database: Database, server: Server): Database => ({
  ...database,
  servers: [server],
  targetSessionAttrs: undefined,
})

/** `host:port`, an IPv6 address in brackets. */
export const addressOf = ({ host, port }: Server): string =>
  host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
