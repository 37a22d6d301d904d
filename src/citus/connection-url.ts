import type { Server, Tls } from './dial.ts'

/** The parts of PG_CONNECTION_URL. The driver's own parser supports neither IPv6 addresses nor several hosts with ports. */
export type ConnectionUrl = {
  servers: readonly [Server, ...Server[]]
  user: string
  password: string
  database: string
  /** Undefined when the URL has no sslmode: then TLS is used and verified, unless the host is a loopback address. */
  tls: Tls | undefined
  targetSessionAttrs: string | undefined
  /** The rest of the query: session parameters for the server. */
  parameters: Readonly<Record<string, string>>
}

export type UrlResult = { ok: true; value: ConnectionUrl } | { ok: false; problem: string }

const shape =
  /^postgres(?:ql)?:\/\/(?:(?<user>[^:@/?#]*)(?::(?<password>[^@/?#]*))?@)?(?<hosts>[^@/?#]+)(?:\/(?<database>[^@?#/]*))?(?:\?(?<query>[^@#]*))?$/i

const expectedFormat =
  'must be a URL such as postgres://user:password@host:5432/citus?sslmode=verify-full, with %25, %2F, %3F, %23 and %40 for %, /, ?, # and @ in the password'

export const verifyFull: Tls = { use: 'always', verify: 'authority-and-host' }

// A Map, since an object would accept `constructor` as a mode.
const tlsModes = new Map<string, Tls>([
  ['disable', { use: 'never' }],
  ['allow', { use: 'if-offered' }],
  ['prefer', { use: 'if-offered' }],
  ['require', { use: 'always', verify: 'nothing' }],
  ['verify-ca', { use: 'always', verify: 'authority' }],
  ['verify-full', verifyFull],
])

/** Client options of libpq. They are ignored: the server would refuse them as session parameters. */
const clientOptions = new Set(
  `channel_binding connect_timeout fallback_application_name gssencmode keepalives keepalives_count keepalives_idle
  keepalives_interval load_balance_hosts sslcompression sslnegotiation ssl_min_protocol_version ssl_max_protocol_version
  tcp_user_timeout`.split(/\s+/),
)

/** Parses a connection URL. The problem quotes no part of it, which might be a part of the password. */
export function parseConnectionUrl(text: string): UrlResult {
  const { user = '', password = '', hosts = '', database = '', query = '' } = shape.exec(text)?.groups ?? {}
  const servers = hosts.split(',').map(parseServer)
  const [first, ...others] = servers.filter((server) => server !== undefined)
  if (!first || others.length + 1 < servers.length || !isDecodable(text)) return { ok: false, problem: expectedFormat }

  const {
    sslmode,
    ssl,
    sslrootcert,
    target_session_attrs: targetSessionAttrs,
    ...rest
  } = Object.fromEntries(new URLSearchParams(query))
  const mode =
    sslmode ?? (sslrootcert === 'system' || ssl === 'true' ? 'verify-full' : ssl === 'false' ? 'disable' : ssl)
  const tls = mode === undefined ? undefined : tlsModes.get(mode)
  if (mode !== undefined && !tls)
    return { ok: false, problem: `has an sslmode that is none of ${[...tlsModes.keys()].join(', ')}` }
  if (sslrootcert !== undefined && sslrootcert !== 'system')
    return { ok: false, problem: 'has a file as sslrootcert: put the PEM of the authority into PG_CA_CERTIFICATE' }

  const name = decodeURIComponent(user)
  return {
    ok: true,
    value: {
      servers: [first, ...others],
      user: name,
      password: decodeURIComponent(password),
      database: decodeURIComponent(database) || name,
      tls,
      targetSessionAttrs,
      parameters: Object.fromEntries(Object.entries(rest).filter(([option]) => !clientOptions.has(option))),
    },
  }
}

/** `host`, `host:port`, `[::1]` or `[::1]:port`; in the result an IPv6 address has no brackets. */
function parseServer(text: string): Server | undefined {
  const {
    v6,
    host = v6,
    port = '5432',
  } = /^(?:\[(?<v6>[\da-f:.]+)\]|(?<host>[^:[\]]+))(?::(?<port>\d{1,5}))?$/i.exec(
    isDecodable(text) ? decodeURIComponent(text) : '',
  )?.groups ?? {}
  if (host === undefined || /[\s/]/.test(host) || Number(port) < 1 || Number(port) > 65535) return undefined
  return { host, port: Number(port) }
}

/** False when a % is not followed by two hex digits. */
function isDecodable(text: string): boolean {
  try {
    decodeURIComponent(text)
    return true
  } catch {
    return false
  }
}
