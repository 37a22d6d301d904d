import { reasons } from '../scaling/reasons.ts'
import { kinds } from '../settings.ts'

// A shorter secret could appear in the text by chance, and replacing it would make the answer unreadable.
const shortest = 6
/** Our own texts are shorter; an error message of an upstream may be longer, and may quote the request. */
const longest = 2_000

/** A token of Entra ID, complete or cut off: a JSON Web Token begins with `{"` in base64. It is in no setting, but is sent as a password. */
const token = /eyJ[\w-]{16,}(\.[\w-]*)*/g

const outcomes = Object.values(reasons).map(({ outcome }) => outcome)
/** Words of the contract: they stay, even when a secret happens to be such a word or a part of one. */
const ours = new Set<string>([...Object.keys(reasons), ...outcomes, ...kinds])

/**
 * Returns a function that serializes to JSON without the secrets of the settings and without tokens: an error of an upstream may quote
 * the request, as plain text or as JSON inside the text. Long texts are cut off.
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

/** The secret itself, and its escaped forms: in JSON, in JSON inside JSON, in a URL. */
const formsOf = (secret: string) => [secret, quoted(secret), quoted(quoted(secret)), encodeURIComponent(secret)]

const quoted = (text: string) => JSON.stringify(text).slice(1, -1)

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text // a lone per cent sign encodes nothing
  }
}
