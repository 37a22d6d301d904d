import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { listen, type Listening } from './listen.ts'

/** The request that the host passes to a function. */
export type HostRequest = {
  method: string
  url: string
  headers: Record<string, string>
  body?: { bytes: Uint8Array }
}

/** A function behind its route, `/api/<name>`. */
export type Route = {
  name: string
  method: string
  invoke: (request: HostRequest) => Promise<{ status: number; headers: Record<string, string>; body: string }>
}

/** Answers requests outside `/api`, for the page; the host in Azure has nothing there. */
export type Beside = (request: IncomingMessage, response: ServerResponse, path: string) => Promise<boolean>

/** The host's limit for a body: https://learn.microsoft.com/azure/azure-functions/functions-app-settings */
const largestBody = 100 * 1024 * 1024

/**
 * Answers HTTP as the Functions host does (compared with host 4.1037): routes ignore case and a slash at the end; any other path or method,
 * including HEAD and OPTIONS, gets 404 without a body; the home page is 200. When a function throws, the answer is 500 and `onFailure` is
 * called.
 */
export function startHttpFront(
  routes: readonly Route[],
  options: { port: number; onFailure: (line: string) => void; beside?: Beside | undefined },
): Promise<Listening> {
  const server = createServer((request, response) => {
    answer(routes, options.beside, request, response).catch((error: unknown) => {
      options.onFailure(`a function failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`)
      end(response, 500)
    })
  })
  return listen(server, options.port)
}

const end = (response: ServerResponse, status: number) => void response.writeHead(status, { 'content-length': 0 }).end()

async function answer(
  routes: readonly Route[],
  beside: Beside | undefined,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { method = 'GET', url: target = '/' } = request
  if (!target.startsWith('/')) return end(response, 400)
  const path = pathOf(target)
  const found = routes.find((route) => path === `/api/${route.name}` && route.method === method)
  if (!found) {
    if (await beside?.(request, response, path)) return
    return end(response, path === '' ? 200 : 404)
  }
  if (lengthOf(request) > largestBody) return end(response, 500)
  const headers = Object.entries(request.headersDistinct).map(
    ([name, values]) => [name, values?.join(',') ?? ''] as const,
  )
  const { status, ...answered } = await found.invoke({
    method,
    url: `http://${request.headers.host ?? 'localhost'}${target}`,
    headers: Object.fromEntries(headers),
    // The host drops a body with chunked encoding, which has no Content-Length.
    ...(lengthOf(request) > 0 && { body: { bytes: await buffer(request) } }),
  })
  response.writeHead(status, answered.headers).end(answered.body)
}

const lengthOf = ({ headers }: IncomingMessage) => Number(headers['content-length'] ?? 0)

function pathOf(target: string): string {
  const { pathname } = new URL(`http://host${target}`)
  return decoded(pathname).replace(/\/$/, '').toLowerCase()
}

function decoded(pathname: string): string {
  try {
    return decodeURIComponent(pathname)
  } catch {
    return pathname // not valid percent-encoding: left as it is
  }
}
