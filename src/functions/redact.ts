// A shorter text could stand anywhere by chance, and taking it out would garble the answer.
const shortest = 6

/**
 * Takes the secrets of the settings out of a JSON text that leaves the process: an upstream may quote in an error what it was sent.
 */
export function redactor(environment: Record<string, string | undefined>): (json: string) => string {
  const { PG_CONNECTION_URL: url = '', CLUSTER_ADMIN_PASSWORD: adminPassword = '', WEBHOOK_SECRETS = '' } = environment
  const password = /^\w+:\/\/[^/@]*?:(.*)@/.exec(url)?.[1] ?? ''
  const secrets = [url, password, decoded(password), adminPassword, ...WEBHOOK_SECRETS.split(',')]
  const written = secrets.map((secret) => JSON.stringify(secret.trim()).slice(1, -1))
  const longestFirst = written.filter(({ length }) => length >= shortest).sort((a, b) => b.length - a.length)
  return (json) => longestFirst.reduce((rest, secret) => rest.replaceAll(secret, '[secret]'), json)
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text // a lone per cent sign encodes nothing
  }
}
