import { randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import { listen, type Listening } from '../listen.ts'
import { ArmError } from './arm-error.ts'
import type { JsonObject } from './template/json.ts'

/** A request; `host` is where its sender found this server, `http://127.0.0.1:PORT`. */
export type Request = { method: string; host: string; path: string; apiVersion: string | null; body: string }

/** An answer, whose JSON is cut in the middle when it is to be malformed. `none`: there is never one. */
export type Answer =
  | { status: number; headers?: Record<string, string>; body: JsonObject; malformed?: true }
  | { status: number; webPage: string }
  | 'none'

/** Serves HTTP on a port of 127.0.0.1 in Azure Resource Manager's manner. What `answer` throws becomes an error's JSON. */
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
  // Azure too takes //subscriptions, which is what the SDK makes of an id, for /subscriptions.
  const { pathname, searchParams } = new URL(host + (incoming.url ?? '/').replace(/^\/+/, '/'))
  const apiVersion = searchParams.get('api-version')
  return { method: incoming.method ?? 'GET', host, path: pathname, apiVersion, body: await text(incoming) }
}

function errorAnswer(error: unknown): Answer {
  if (error instanceof ArmError) return { status: error.status, headers: error.headers, body: { error: error.body } }
  return { status: 500, body: { error: { code: 'EmulatorFailed', message: String(error) } } }
}
