import { once } from 'node:events'
import { connect as connectTcp, isIP, type Socket } from 'node:net'
import { connect as connectTls, rootCertificates, type ConnectionOptions } from 'node:tls'

/** One server of a connection URL. */
export type Server = { host: string; port: number }

/** `verify`: what is checked of the certificate. */
export type Tls =
  { use: 'never' } | { use: 'if-offered' } | { use: 'always'; verify: 'nothing' | 'authority' | 'authority-and-host' }

export type DialOptions = { tls: Tls; caCertificate: string | undefined; signal: AbortSignal }

// PostgreSQL's SSLRequest (protocol, "SSL Session Encryption"); the server answers with one byte, S or N.
const tlsRequest = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47])

/**
 * Connects to a server, with TLS if wanted. The driver is not used for it: it reports a server without TLS as a broken connection,
 * reconnects after each failure, cuts an IPv6 address at its first colon, and hides a failure as long as there is another host
 * (postgres.js 3.4.9, connection.js).
 * Rejects with the error of the network or of TLS, or with one whose code is TLS_NOT_OFFERED or CLOSED_TOO_SOON.
 */
export async function dial({ host, port }: Server, { tls, caCertificate, signal }: DialOptions): Promise<Socket> {
  const socket = connectTcp({ host, port, signal })
  socket.on('error', () => undefined) // `once` rejects with it; without a listener, an error between two waits would end the process
  await once(socket, 'connect', { signal })
  if (tls.use === 'never') return socket
  socket.write(tlsRequest)
  const answer = await firstData(socket, signal)
  if (!answer.startsWith('S')) {
    if (answer === 'N' && tls.use === 'if-offered') return socket
    socket.destroy()
    throw refusalOf(answer, `${host}:${port}`)
  }
  const secure = connectTls({ socket, ...verification(host, tls, caCertificate) })
  secure.on('error', () => undefined) // as above, until the driver takes it
  try {
    await once(secure, 'secureConnect', { signal })
  } catch (error) {
    secure.destroy()
    throw error
  }
  return secure
}

async function firstData(socket: Socket, signal: AbortSignal): Promise<string> {
  const closed = once(socket, 'close', { signal }).then(() => {
    throw Object.assign(new Error('the server closed the connection when asked for TLS'), { code: 'CLOSED_TOO_SOON' })
  })
  const received: unknown[] = await Promise.race([once(socket, 'data', { signal }), closed])
  const data = received[0]
  return Buffer.isBuffer(data) ? data.toString('latin1') : ''
}

/** The server has no TLS, or sent an error: a pooler with an SQLSTATE, a server that can't start a process as plain text. */
function refusalOf(answer: string, server: string): Error {
  if (!answer.startsWith('E')) return Object.assign(new Error(`${server} offers no TLS`), { code: 'TLS_NOT_OFFERED' })
  const code = /\0C([0-9A-Z]{5})\0/.exec(answer)?.[1]
  const message = /\0M([^\0]*)\0/.exec(answer)?.[1] ?? answer.slice(1).replace(/\0.*$/s, '')
  return Object.assign(new Error(message), { code: code ?? 'CLOSED_TOO_SOON' })
}

function verification(host: string, tls: Tls, caCertificate: string | undefined): ConnectionOptions {
  const name = isIP(host) ? { host } : { host, servername: host }
  if (tls.use === 'if-offered' || tls.use === 'never' || tls.verify === 'nothing')
    return { ...name, rejectUnauthorized: false }
  const authority = caCertificate === undefined ? {} : { ca: [...rootCertificates, caCertificate] }
  return { ...name, ...authority, ...(tls.verify === 'authority' && { checkServerIdentity: () => undefined }) }
}
