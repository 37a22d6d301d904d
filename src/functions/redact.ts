import { reasons } from '../scaling/reasons.ts'
import { kinds } from '../settings.ts'

// A shorter text could stand anywhere by chance, and taking it out would garble the answer.
const shortest = 6
/** No text of ours is longer; what others say may be, and may quote what it was sent. */
const longest = 2_000

/** A token of Entra ID, whole or cut: JSON Web Tokens begin with the base64 of `{"`. No setting holds it, but it is sent as a password. */
const token = /eyJ[\w-]{16,}(\.[\w-]*)*/g

const outcomes = Object.values(reasons).map(({ outcome }) => outcome)
/** Words of our own that a secret may happen to be, or to be a part of. */
const ours = new Set<string>([...Object.keys(reasons), ...outcomes, ...kinds])

/**
 * Makes what writes JSON that leaves the process: without the secrets of the settings and without tokens, since an upstream may quote in an error what it
 * was sent, in its text or in JSON within that; and with no text longer than a person would read.
 */
export function redactedJson(environment: Record<string, string | undefined>): (value: object) => string {
  const { PG_CONNECTION_URL: url = '', CLUSTER_ADMIN_PASSWORD: adminPassword = '', WEBHOOK_SECRETS = '' } = environment
  const password = /^\w+:\/\/[^/@]*?:(.*)@/.exec(url)?.[1] ?? ''
  const secrets = [url, password, decoded(password), adminPassword, ...WEBHOOK_SECRETS.split(',')]
  const long = secrets.map((secret) => secret.trim()).filter(({ length }) => length >= shortest)
  const longestFirst = [...new Set(long.flatMap(formsOf))].sort((a, b) => b.length - a.length)
  const inJson = longestFirst.map(quoted)
  const cleaned = (_key: string, value: unknown) => {
    if (typeof value !== 'string' || ours.has(value)) return value
    const withoutSecrets = longestFirst.reduce((rest, secret) => rest.replaceAll(secret, '[secret]'), value)
    const text = withoutSecrets.replace(token, '[token]')
    return text.length > longest ? `${text.slice(0, longest)}…` : text
  }
  return (value) => {
    const json = JSON.stringify(value)
    const isClean = json.length <= longest && !['eyJ', ...inJson].some((secret) => json.includes(secret))
    return isClean ? json : JSON.stringify(value, cleaned)
  }
}

/** As it stands, and as it is quoted: in JSON, in JSON within that, in a URL. */
const formsOf = (secret: string) => [secret, quoted(secret), quoted(quoted(secret)), encodeURIComponent(secret)]

const quoted = (text: string) => JSON.stringify(text).slice(1, -1)

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text // a lone per cent sign encodes nothing
  }
}
