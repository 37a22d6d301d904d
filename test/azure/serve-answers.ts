import { createServer, type IncomingMessage } from 'node:http'
import type { TestContext } from 'node:test'
import { listen } from '../../src/local/listen.ts'

export type RawAnswer = { status?: number; type?: string; headers?: Record<string, string>; body: unknown }

/** A server that sends the answers of `answer`, valid or not; it ends with the test. Returns its URL. */
export async function serveAnswers(t: TestContext, answer: (request: IncomingMessage) => RawAnswer): Promise<string> {
  const server = createServer((request, response) => {
    const { status = 200, type = 'application/json', headers = {}, body } = answer(request)
    request.resume().once('end', () => {
      response.writeHead(status, { 'content-type': type, ...headers })
      response.end(typeof body === 'string' ? body : JSON.stringify(body))
    })
  })
  const listening = await listen(server, 0)
  t.after(() => listening.close())
  return listening.url
}
