import * as z from 'zod'
import { call, type Called } from './http-call.ts'
import type { Json } from './json.ts'

export type GrafanaApi = {
  /** Reads a path that always exists: a 404 means that this is not Grafana, or that it is too old. */
  get: <T extends z.ZodType>(path: string, schema: T) => Promise<z.infer<T>>
  /** Reads the path of one resource; undefined if there is none (404). */
  find: <T extends z.ZodType>(path: string, schema: T) => Promise<z.infer<T> | undefined>
  /** Returns any answer. */
  ask: (path: string) => Promise<Called>
  put: (path: string, body: Json) => Promise<void>
  post: (path: string, body: Json) => Promise<void>
  /** A resource that is in use (409) stays: then this returns Grafana's message, else undefined. */
  delete: (path: string) => Promise<string | undefined>
}

/** Grafana's HTTP API at a URL, which may have a path. Errors name the request and the answer, never the token. */
export function grafanaApi(url: string, token: string): GrafanaApi {
  const base = url.replace(/\/+$/, '')

  const ask = (method: string, path: string, body?: Json) =>
    call(method, `${base}${path}`, {
      body,
      headers: {
        authorization: `Bearer ${token}`,
        // With this header, people can still edit in Grafana's pages what is applied.
        'x-disable-provenance': 'true',
      },
    })

  function read<T extends z.ZodType>(path: string, { status, json, text }: Called, schema: T): z.infer<T> {
    if (status !== 200) throw refusal('GET', path, { status, text })
    if (json === undefined)
      throw new Error(`GET ${path} was answered with something that is not JSON: is ${base} a Grafana?`)
    const parsed = schema.safeParse(json)
    if (parsed.success) return parsed.data
    const problem = `GET ${path} was answered with something that Grafana 12 or newer does not say`
    throw new Error(`${problem}: ${z.prettifyError(parsed.error).replace(/\s+/g, ' ')}`, { cause: parsed.error })
  }

  async function write(method: string, path: string, body: Json) {
    const { status, text } = await ask(method, path, body)
    if (status < 200 || status > 299) throw refusal(method, path, { status, text })
  }

  return {
    ask: (path) => ask('GET', path),
    get: async (path, schema) => read(path, await ask('GET', path), schema),
    async find(path, schema) {
      const called = await ask('GET', path)
      return called.status === 404 ? undefined : read(path, called, schema)
    },
    put: (path, body) => write('PUT', path, body),
    post: (path, body) => write('POST', path, body),
    async delete(path) {
      const { status, text } = await ask('DELETE', path)
      if (status === 409) return messageIn(text)
      if ((status < 200 || status > 299) && status !== 404) throw refusal('DELETE', path, { status, text })
      return undefined
    },
  }
}

const refusal = (method: string, path: string, { status, text }: Pick<Called, 'status' | 'text'>) =>
  new Error(`${method} ${path} was answered ${status}: ${messageIn(text)}${hint(status)}`)

const messageSchema = z.object({ message: z.string() })

function messageIn(text: string): string {
  const parsed = z.preprocess(parse, messageSchema).safeParse(text)
  const message = parsed.success ? parsed.data.message : /^\s*</.test(text) ? 'a web page' : text.trim()
  return message.slice(0, 500) || 'no explanation'
}

function parse(text: unknown): unknown {
  try {
    return JSON.parse(String(text))
  } catch {
    return undefined
  }
}

function hint(status: number): string {
  if (status === 401)
    return '. The token is wrong or has expired; for Azure Managed Grafana use --entra or a service account token'
  if (status === 403)
    return '. The token lacks the right: a service account needs the role Admin, or Editor without data sources'
  if (status === 404)
    return '. Is --url the whole address, with the path that Grafana is served under (https://…/grafana), and is it Grafana 12 or newer?'
  return ''
}
