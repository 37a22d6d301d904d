import { connect, type Socket } from 'node:net'
import { Duplex } from 'node:stream'

/** Bytes that tell nothing yet: whether the server speaks TLS, how it wants to be told the password. A refusal is longer. */
const silence = 32

/**
 * Makes the `socket` option of a postgres.js client, which dials as the client would, but not again after a connection that was closed
 * without a word, as proxies do that have no server behind them. By itself the client answers that by dialling again, hundreds of times
 * a second, for as long as somebody waits; here it hears of an error.
 */
export function dialOnce(): (server: { host: readonly string[]; port: readonly number[] }) => Duplex {
  /** The last one, unless whoever waited for it has heard of an error. */
  let last: Socket | undefined
  let turn = 0
  return ({ host: hosts, port: ports }) => {
    // Of several servers the next, as the client does.
    const host = hosts[turn % hosts.length] ?? ''
    const port = ports[turn++ % ports.length] ?? 0
    const wasSilent = last !== undefined && last.bytesRead <= silence
    last = undefined
    if (wasSilent) return failing(new Error(`${host}:${port} closed the connection before it was ready`))
    // The client names the server to TLS by the socket's host.
    last = Object.assign(connect(port, host), { host, port })
    return last.once('error', () => (last = undefined))
  }
}

const failing = (error: Error) =>
  new Duplex({
    read: () => undefined,
    write: (_chunk, _encoding, done) => {
      done(error)
    },
  })
