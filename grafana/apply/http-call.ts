import type { Json } from './json.ts'

/** `json` is undefined if the text is not JSON. */
export type Called = { status: number; text: string; json: unknown }

const timeoutMs = 30_000

/**
 * One HTTP request. It follows no redirect: that would turn a POST into a GET, whose 200 means nothing, and lose the sign-in headers on the
 * way to another host. If nobody answers, or on a redirect, the error is one sentence; it never contains a header.
 */
export async function call(
  method: string,
  url: string,
  { body, headers = {} }: { body?: Json | undefined; headers?: Readonly<Record<string, string>> } = {},
): Promise<Called> {
  const { origin } = new URL(url)
  const response = await fetch(url, {
    method,
    redirect: 'manual',
    headers: {
      ...headers,
      accept: 'application/json',
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(timeoutMs),
  }).catch((cause: unknown) => {
    throw new Error(`${origin} cannot be reached (${reason(cause)}): check the address and the network`, { cause })
  })
  if (response.status >= 300 && response.status < 400) throw redirected(method, url, response)
  const text = await response.text()
  return { status: response.status, text, json: parse(text) }
}

/** Names the target without its query, which may contain a key. */
function redirected(method: string, url: string, { status, headers }: Response): Error {
  const location = headers.get('location')
  const target = location === null || !URL.canParse(location, url) ? undefined : new URL(location, url)
  const { pathname } = new URL(url)
  const where = target ? ` to ${target.origin}${target.pathname}` : ''
  return new Error(
    `${method} ${pathname} was redirected${where} (${status}), which is not followed: ` +
      'use the address that answers without a redirect, with https:// and its whole path',
  )
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function reason(cause: unknown): string {
  const inner = cause instanceof Error && cause.cause instanceof Error ? cause.cause : cause
  return inner instanceof Error ? inner.message || inner.name : String(inner)
}
