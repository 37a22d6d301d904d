import type { Socket } from 'node:net'

// AuthenticationOk, cleartext, MD5 and the three steps of SASL: what the driver supports (postgres.js 3.4.9, connection.js).
const authentications = new Set([0, 3, 5, 10, 11, 12])

/**
 * Closes a connection to a server that is not PostgreSQL, or that wants an authentication method that the driver does not support. The
 * driver would wait for ever in both cases, and that would look like a silent coordinator.
 */
export function checkFirstAnswer(socket: Socket, server: string): void {
  socket.once('data', (data: Buffer) => {
    // The first message is an authentication request (R), an error (E), a notice (N), or a protocol negotiation (v).
    if (!/^[RENv]$/.test(data.toString('latin1', 0, 1)))
      socket.destroy(failure('NOT_POSTGRESQL', `${server} does not answer as PostgreSQL does`))
    else if (data[0] === 82 && data.length >= 9 && !authentications.has(data.readUInt32BE(5)))
      socket.destroy(
        failure(
          'AUTHENTICATION_UNKNOWN',
          `${server} wants an authentication method (${data.readUInt32BE(5)}) other than a password`,
        ),
      )
  })
}

const failure = (code: string, message: string) => Object.assign(new Error(message), { code })
