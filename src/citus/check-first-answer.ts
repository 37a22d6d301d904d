import type { Socket } from 'node:net'

// AuthenticationOk, cleartext, MD5 and the three steps of SASL: what the driver can do (postgres.js 3.4.9, connection.js).
const authentications = new Set([0, 3, 5, 10, 11, 12])

/**
 * Ends a connection whose first answer can lead nowhere: of a server that is no PostgreSQL, or that asks for a sign-in which the driver
 * does not know. The driver would wait in both cases, and its silence would pass for the coordinator's.
 */
export function checkFirstAnswer(socket: Socket, server: string): void {
  socket.once('data', (data: Buffer) => {
    // Before a sign-in the server sends authentication requests (R), errors (E), notices (N), or offers an older protocol (v).
    if (!/^[RENv]$/.test(data.toString('latin1', 0, 1)))
      socket.destroy(failure('NOT_POSTGRESQL', `${server} answers otherwise than PostgreSQL does`))
    else if (data[0] === 82 && data.length >= 9 && !authentications.has(data.readUInt32BE(5)))
      socket.destroy(
        failure(
          'AUTHENTICATION_UNKNOWN',
          `${server} asks for a sign-in (${data.readUInt32BE(5)}) other than by password`,
        ),
      )
  })
}

const failure = (code: string, message: string) => Object.assign(new Error(message), { code })
