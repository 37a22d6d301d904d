import { readFile } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import type { Beside } from '../http-front.ts'
import type { PageSetup } from './page-event.ts'
import type { EventLog } from './event-log.ts'
import type { ThingState } from './page-event.ts'

export type PageParts = {
  log: EventLog
  setup: PageSetup
  things: () => readonly ThingState[]
  /** Returns undefined for an unknown thing. */
  attempt: (thing: string) => Promise<string | undefined>
}

const here = (name: string) => new URL(name, import.meta.url)

/** Serves the page, its scripts and styles, the events, and the things to try. */
export function servePage({ log, setup, things, attempt }: PageParts): Beside {
  const files: Record<string, { type: string; read: () => Promise<string> }> = {
    '': { type: 'text/html', read: () => readFile(here('index.html'), 'utf8') },
    '/page/style.css': { type: 'text/css', read: () => readFile(here('style.css'), 'utf8') },
    '/page/main.js': { type: 'text/javascript', read: browserScript },
  }

  return async (request, response, path) => {
    const file = files[path]
    if (request.method === 'GET' && file) await send(response, 200, file.type, await file.read())
    else if (request.method === 'GET' && path === '/events') sendEvents(request, response)
    else if (request.method === 'GET' && path === '/try') await send(response, 200, json, JSON.stringify(things()))
    else if (request.method === 'POST' && path.startsWith('/try/')) await sendAttempt(response, path.slice(5))
    else return false
    return true
  }

  async function sendAttempt(response: ServerResponse, thing: string) {
    const message = await attempt(thing)
    const unknown = `There is no ${thing}; there are ${things()
      .map(({ name }) => name)
      .join(', ')}.`
    const on = things().find(({ name }) => name === thing)?.on
    const body = message === undefined ? { message: unknown } : { thing, on, message }
    await send(response, message === undefined ? 404 : 200, json, `${JSON.stringify(body)}\n`)
  }

  // An event's id contains the start of the loop: after a restart on the same port, the page gets all events from the beginning.
  function sendEvents(request: IncomingMessage, response: ServerResponse) {
    const [loop, last] = String(request.headers['last-event-id'] ?? '').split('-')
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' })
    response.write(`event: setup\ndata: ${JSON.stringify({ ...setup, things: things() })}\n\n`)
    const stop = log.listen(Number(loop) === setup.startedAt ? Number(last) : 0, (event) =>
      response.write(`id: ${setup.startedAt}-${event.id}\ndata: ${JSON.stringify(event)}\n\n`),
    )
    response.on('close', stop)
  }
}

const json = 'application/json'

function send(response: ServerResponse, status: number, type: string, body: string): Promise<void> {
  const headers = {
    'content-type': `${type}; charset=utf-8`,
    'cache-control': 'no-store',
    'content-security-policy': "default-src 'self'; img-src data:",
  }
  return new Promise((resolve) => response.writeHead(status, headers).end(body, resolve))
}

/** Bundled on each request, so that changes in the files show up. */
async function browserScript(): Promise<string> {
  const entry = fileURLToPath(here('browser/main.ts'))
  const { outputFiles } = await build({ entryPoints: [entry], bundle: true, write: false, format: 'esm' })
  return outputFiles[0]?.text ?? ''
}
