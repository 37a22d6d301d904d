import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import type { TestContext } from 'node:test'

/** A TCP server that handles each connection with `talk`; resolves with a database URL to it. */
export async function socketServer(t: TestContext, talk: (socket: Socket) => void): Promise<string> {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => socket.destroy())
    talk(socket)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    server.close()
    for (const socket of sockets) socket.destroy()
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('a TCP server has a port')
  return `postgres://citus:database-word@127.0.0.1:${address.port}/citus`
}

export const neverAnswers = (socket: Socket) => void socket.resume()
/** Sends first, as in SSH, MySQL or SMTP. */
export const greets = (socket: Socket) => void socket.write('SSH-2.0-OpenSSH_9.2\r\n')
/** Answers the first message as a web server does. */
export const answersInHttp = (socket: Socket) =>
  void socket.once('data', () => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'))
export const closesAtOnce = (socket: Socket) => void socket.end()

/** Refuses every login with this error. */
export const refusesLogin = (code: string, message: string) => (socket: Socket) =>
  void socket.once('data', () => socket.end(errorResponse('FATAL', code, message)))

/** The same as a pooler does it: PgBouncer leaves out the untranslated severity. */
export const poolerRefusesLogin = (code: string, message: string) => (socket: Socket) =>
  void socket.once('data', () => socket.end(messageOf('E', Buffer.from(`SFATAL\0C${code}\0M${message}\0\0`))))

/** Accepts every login, and answers each statement with this error. */
export const refusesStatements = (code: string, message: string) => (socket: Socket) => {
  let rest: Buffer = Buffer.alloc(0)
  let isLoggedIn = false
  socket.on('data', (chunk) => {
    rest = Buffer.concat([rest, chunk])
    for (let taken = takeMessage(rest, isLoggedIn); taken; taken = takeMessage(rest, isLoggedIn)) {
      rest = taken.rest
      if (!isLoggedIn) socket.write(Buffer.concat([messageOf('R', Buffer.alloc(4)), readyForQuery]))
      // A query, or the Sync at the end of one in several messages: https://www.postgresql.org/docs/current/protocol-flow.html
      else if (taken.type === 'Q' || taken.type === 'S')
        socket.write(Buffer.concat([errorResponse('ERROR', code, message), readyForQuery]))
      isLoggedIn = true
    }
  })
}

/** The first message of these bytes. The first one of a connection has no type. */
function takeMessage(bytes: Buffer, hasType: boolean): { type: string; rest: Buffer } | undefined {
  const start = hasType ? 1 : 0
  if (bytes.length < start + 4) return undefined
  const length = start + bytes.readUInt32BE(start)
  return bytes.length < length
    ? undefined
    : { type: bytes.toString('latin1', 0, start), rest: Buffer.from(bytes.subarray(length)) }
}

function errorResponse(severity: string, code: string, message: string): Buffer {
  return messageOf('E', Buffer.from(`S${severity}\0V${severity}\0C${code}\0M${message}\0\0`))
}

function messageOf(type: string, body: Buffer): Buffer {
  const head = Buffer.alloc(5)
  head.write(type, 'latin1')
  head.writeUInt32BE(body.length + 4, 1)
  return Buffer.concat([head, body])
}

const readyForQuery = messageOf('Z', Buffer.from('I'))
