import * as z from 'zod'
import { jsonSchema, type Json } from './json.ts'

export type GrafanaApi = {
  /** Undefined when there is none (404). */
  get: (path: string) => Promise<Json | undefined>
  put: (path: string, body: Json) => Promise<void>
  post: (path: string, body: Json) => Promise<void>
}

const timeoutMs = 30_000

/** Grafana's HTTP API at a URL, which may end in a path. Rejects with what was asked and what came back, never with the token. */
export function grafanaApi(url: string, token: string): GrafanaApi {
  const base = url.replace(/\/+$/, '')

  async function call(method: string, path: string, body?: Json) {
    const response = await fetch(`${base}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        accept: 'application/json',
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        // Its presence keeps what is applied editable in Grafana's own pages.
        'x-disable-provenance': 'true',
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(timeoutMs),
    }).catch((cause: unknown) => {
      throw new Error(`${base} cannot be reached (${reason(cause)}): check --url and the network`, { cause })
    })
    return { response, text: await response.text() }
  }

  const refusal = (method: string, path: string, { status }: Response, text: string) =>
    new Error(`${method} ${path} was answered ${status}: ${messageIn(text)}${hint(status)}`)

  async function write(method: string, path: string, body: Json) {
    const { response, text } = await call(method, path, body)
    if (!response.ok) throw refusal(method, path, response, text)
  }

  return {
    async get(path) {
      const { response, text } = await call('GET', path)
      if (response.status === 404) return undefined
      if (!response.ok) throw refusal('GET', path, response, text)
      const parsed = jsonSchema.safeParse(parse(text))
      if (!parsed.success)
        throw new Error(`GET ${path} was answered with something that is no JSON: is ${base} a Grafana?`)
      return parsed.data
    },
    put: (path, body) => write('PUT', path, body),
    post: (path, body) => write('POST', path, body),
  }
}

const messageSchema = z.object({ message: z.string() })

function messageIn(text: string): string {
  const parsed = messageSchema.safeParse(parse(text))
  return (parsed.success ? parsed.data.message : text.trim()).slice(0, 500) || 'no explanation'
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function hint(status: number): string {
  if (status === 401)
    return '. The token is wrong or has expired; for Azure Managed Grafana use --entra or a service account token'
  if (status === 403)
    return '. The token lacks the right: a service account needs the role Admin, or Editor without data sources'
  return ''
}

function reason(cause: unknown): string {
  const inner = cause instanceof Error && cause.cause instanceof Error ? cause.cause : cause
  return inner instanceof Error ? inner.message || inner.name : String(inner)
}
