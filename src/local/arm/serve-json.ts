import { randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import { listen, type Listening } from '../listen.ts'
import { ArmError } from './arm-error.ts'
import type { JsonObject } from './template/json.ts'

/** A request; `host` is the address of this server as the client sees it, `http://127.0.0.1:PORT`. */
export type Request = { method: string; host: string; path: string; apiVersion: string | null; body: string }

/** An answer; a malformed one has its JSON cut in the middle. `none`: never answer. */
export type Answer =
  | { status: number; headers?: Record<string, string>; body: JsonObject; malformed?: true }
  | { status: number; webPage: string }
  | 'none'

/** Serves HTTP on a port of 127.0.0.1 as Azure Resource Manager does. An error that `answer` throws is sent as JSON. */
export function serveJson(port: number, answer: (request: Request) => Answer): Promise<Listening> {
  return listen(
    createServer((incoming, response) => void serve(incoming, response, answer)),
    port,
  )
}

async function serve(incoming: IncomingMessage, response: ServerResponse, answer: (request: Request) => Answer) {
  const answered = await readRequest(incoming).then(answer).catch(errorAnswer)
  if (answered === 'none') return
  if ('webPage' in answered) {
    response.writeHead(answered.status, { 'Content-Type': 'text/html' }).end(answered.webPage)
    return
  }
  const id = randomUUID()
  const headers = { 'x-ms-request-id': id, 'x-ms-correlation-request-id': id, ...answered.headers }
  response.writeHead(answered.status, { 'Content-Type': 'application/json; charset=utf-8', ...headers })
  const json = JSON.stringify(answered.body)
  response.end(answered.malformed ? json.slice(0, json.length / 2) : json)
}

async function readRequest(incoming: IncomingMessage): Promise<Request> {
  const host = `http://${incoming.headers.host ?? '127.0.0.1'}`
  // The SDK sends //subscriptions for an id; Azure accepts that as /subscriptions, too.
  const { pathname, searchParams } = new URL(host + (incoming.url ?? '/').replace(/^\/+/, '/'))
  const apiVersion = searchParams.get('api-version')
  return { method: incoming.method ?? 'GET', host, path: pathname, apiVersion, body: await text(incoming) }
}

function errorAnswer(error: unknown): Answer {
  if (error instanceof ArmError) return { status: error.status, headers: error.headers, body: { error: error.body } }
  return { status: 500, body: { error: { code: 'EmulatorFailed', message: String(error) } } }
}
