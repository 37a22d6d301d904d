import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

/** Every answer must contain `contains`; another answer would measure something else. */
export type Asking = {
  url: URL
  headers: Record<string, string>
  body: string
  contains: string
  connections: number
}
export type Answers = { perSecond: number; p99: number; count: number; seconds: number }

/**
 * Repeats a request over several connections, each with one request at a time, until `isEnough`. It uses plain sockets, since an HTTP
 * client would be slower than the server. Throws on any answer except the expected 200.
 */
export async function askRepeatedly(
  asking: Asking,
  isEnough: (count: number, seconds: number) => boolean,
): Promise<Answers> {
  const { url, headers, body, contains, connections } = asking
  const lines = Object.entries({ host: url.host, 'content-length': String(Buffer.byteLength(body)), ...headers })
  const head = [`POST ${url.pathname} HTTP/1.1`, ...lines.map(([name, value]) => `${name}: ${value}`)].join('\r\n')
  const request = Buffer.from(`${head}\r\n\r\n${body}`)
  const times: number[] = []
  const began = performance.now()
  const seconds = () => (performance.now() - began) / 1000
  await Promise.all(
    Array.from({ length: connections }, async () => {
      const socket = connect(Number(url.port), url.hostname).setNoDelay()
      await once(socket, 'connect')
      while (!isEnough(times.length, seconds())) {
        const asked = performance.now()
        await answerOn(socket, request, contains)
        times.push(performance.now() - asked)
      }
      socket.destroy()
    }),
  )
  times.sort((a, b) => a - b)
  const took = seconds()
  const p99 = times[Math.floor(0.99 * (times.length - 1))] ?? NaN
  return { perSecond: times.length / took, p99, count: times.length, seconds: took }
}

function answerOn(socket: Socket, request: Buffer, contains: string): Promise<void> {
  return new Promise((resolve, reject) => {
    let text = ''
    const onData = (chunk: Buffer) => {
      text += chunk.toString('latin1')
      const headEnd = text.indexOf('\r\n\r\n')
      if (headEnd === -1 || text.length < headEnd + 4 + bodyLength(text)) return
      socket.off('data', onData).off('close', onClose)
      if (text.startsWith('HTTP/1.1 200') && text.includes(contains)) resolve()
      else reject(new Error(`answered otherwise than by 200 and ${contains}: ${text}`))
    }
    const onClose = () => reject(new Error('the connection was closed without an answer'))
    socket.on('data', onData).once('close', onClose)
    socket.write(request)
  })
}

/** The length of a chunked answer; infinite until the last chunk is there. */
function bodyLength(text: string): number {
  const length = /\r\ncontent-length: (\d+)/i.exec(text)?.[1]
  if (length !== undefined) return Number(length)
  return text.endsWith('\r\n0\r\n\r\n') ? 0 : Infinity
}
