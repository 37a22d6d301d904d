import { randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { buffer } from 'node:stream/consumers'
import azureFunctions from '@azure/functions'
import type { RegisteredFunction } from '../functions/function-table.ts'
import { listen, type Listening } from './listen.ts'

// A CommonJS bundle whose names Node can't see from outside.
const { HttpRequest, InvocationContext } = azureFunctions

export type FunctionsHost = Listening

/**
 * Serves the functions as `func start` does: the same routes and the same handlers, from the same table. No keys are asked for, as
 * on anybody's own machine.
 */
export function startFunctionsHost(
  functions: readonly RegisteredFunction[],
  options: { port: number; onLog?: (line: string) => void },
): Promise<FunctionsHost> {
  const server = createServer((request, response) => {
    answer(request, response, functions, options.onLog).catch((error: unknown) => {
      const log = options.onLog ?? console.error
      log(`a function failed: ${String(error)}`)
      response.writeHead(500).end()
    })
  })
  return listen(server, options.port)
}

type Log = ((line: string) => void) | undefined

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  functions: readonly RegisteredFunction[],
  onLog: Log,
): Promise<void> {
  const url = new URL(request.url ?? '/', `http://${request.headers.host ?? 'localhost'}`)
  const found = functions.find(({ name, method }) => url.pathname === `/api/${name}` && method === request.method)
  if (!found) return void response.writeHead(404).end()
  const { status, headers, body } = await invoke(found, request, url, onLog)
  response.writeHead(status, headers).end(body)
}

async function invoke({ name, handler }: RegisteredFunction, request: IncomingMessage, url: URL, onLog: Log) {
  const headers = Object.entries(request.headersDistinct).map(
    ([key, values]) => [key, values?.join(',') ?? ''] as const,
  )
  const incoming = new HttpRequest({
    method: request.method ?? 'GET',
    url: url.href,
    headers: Object.fromEntries(headers),
    body: { bytes: await buffer(request) },
  })
  const context = new InvocationContext({
    functionName: name,
    invocationId: randomUUID(),
    logHandler: (_level, ...parts: unknown[]) => onLog?.(parts.map(String).join(' ')),
  })
  return handler(incoming, context)
}
