import { X509Certificate } from 'node:crypto'
import * as z from 'zod/mini'
import { parseConnectionUrl } from './citus/connection-url.ts'
import type { Database } from './citus/database.ts'

const keyVaultReference = '@Microsoft.KeyVault('
const loopbackHost = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/

/** A setting that must be there. A Key Vault reference that did not resolve reaches the app as its literal text (issue 8). */
const required = z.string({ error: 'is missing' }).check(
  z.refine((value) => !value.startsWith(keyVaultReference), {
    error: 'is a Key Vault reference that did not resolve: check the secret and the right of the identity to read it',
  }),
)

/** A setting parsed by `read`, which returns undefined for a wrong text; `must` is the message then. */
const setting = <T>(read: (text: string) => T | undefined, must: string) =>
  z.pipe(
    required,
    z.transform((text, { issues }): T => {
      const value = read(text)
      if (value !== undefined) return value
      issues.push({ code: 'custom', input: text, message: must })
      return z.NEVER
    }),
  )

const matching = (pattern: RegExp, must: string) => setting((text) => (pattern.test(text) ? text : undefined), must)

const wholeNumber = (fallback: number, least: number, most: number) => {
  const holds = (text: string) => /^\d{1,9}$/.test(text) && Number(text) >= least && Number(text) <= most
  const read = (text: string) => (holds(text) ? Number(text) : undefined)
  return z._default(setting(read, `must be a whole number from ${least} to ${most}`), fallback)
}

const oneOf = <T extends string>(...choices: T[]) =>
  setting((text) => choices.find((choice) => choice === text), `must be one of ${choices.join(', ')}`)

const databaseUrl = z.pipe(
  required,
  z.transform((text, { issues }) => {
    const result = parseConnectionUrl(text)
    if (result.ok) return result.value
    issues.push({ code: 'custom', input: text, message: result.problem })
    return z.NEVER
  }),
)

/** App Service passes it with its line breaks, or with \\n instead of them. */
const certificate = setting((text) => {
  const pem = text.replaceAll('\\n', '\n')
  return isCertificate(pem) ? pem : undefined
}, 'must be the PEM of a certificate, from -----BEGIN CERTIFICATE----- to -----END CERTIFICATE-----')

function isCertificate(pem: string): boolean {
  try {
    return pem.includes('-----BEGIN CERTIFICATE-----') && new X509Certificate(pem).subject !== undefined
  } catch {
    return false
  }
}

const parsedUrl = (text: string) => (URL.canParse(text) ? new URL(text) : undefined)

const isHttpsOrLocal = (text: string) => {
  const url = parsedUrl(text)
  return url?.protocol === 'https:' || (url?.protocol === 'http:' && loopbackHost.test(url.hostname))
}

const resourceManagerEndpoint = z._default(
  setting(
    // With a slash at the end the token's scope would be `//.default`, which Entra ID refuses.
    (text) => (isHttpsOrLocal(text) ? text.replace(/\/+$/, '') : undefined),
    'must be an https:// URL; http:// is for a loopback address only',
  ),
  'https://management.azure.com',
)

const listed = (text: string) => text.split(',').map((entry) => entry.trim())

const secrets = z._default(
  setting((text) => (listed(text).includes('') ? undefined : listed(text)), 'must be secrets with commas between them'),
  [],
)

const serverAddress = /^(?<host>[\w.-]+|\[[\da-f:.]+\]):(?<port>\d{1,5})$/i

const workerPool = z.pipe(
  required,
  z.transform((text, { issues }) =>
    listed(text).map((address, index) => {
      const { host = '', port = '' } = serverAddress.exec(address)?.groups ?? {}
      if (host === '' || Number(port) < 1 || Number(port) > 65535)
        issues.push({ code: 'custom', input: text, message: `must be host:port,…; entry ${index + 1} is not` })
      else if (listed(text).indexOf(address) < index)
        issues.push({
          code: 'custom',
          input: text,
          message: `must name each server once; entry ${index + 1} repeats an earlier one`,
        })
      return { host: host.replace(/^\[|\]$/g, ''), port: Number(port) }
    }),
  ),
)

const commonShape = {
  AUTOSCALE_MODE: z._default(oneOf('on', 'dry-run', 'paused'), 'on'),
  CLUSTER_NAME: matching(/^[\w.-]{1,63}$/, 'must be 1 to 63 letters, digits, dots, hyphens or underscores'),
  PG_CONNECTION_URL: databaseUrl,
  PG_AUTHENTICATION: z._default(oneOf('password', 'entra'), 'password'),
  PG_CA_CERTIFICATE: z.optional(certificate),
  SCALE_OUT_TARGET_CPU_PERCENT: wholeNumber(65, 1, 100),
  SCALE_OUT_CPU_REF_ID: z._default(required, 'cpu_percent'),
  SCALE_OUT_STEP: wholeNumber(1, 1, 100),
  SCALE_OUT_MAX_STEP: wholeNumber(4, 1, 100),
  SCALE_OUT_MAX_WORKERS: wholeNumber(20, 1, 1000),
  SCALE_OUT_COOLDOWN_MINUTES: wholeNumber(15, 0, 1440),
  REBALANCE_MODE: z.optional(oneOf('on', 'dry-run', 'paused')),
  REBALANCE_STRATEGY: z._default(
    matching(/^\w{1,63}$/, 'must be the name of a strategy: letters, digits, underscores'),
    'by_shard_count',
  ),
  REBALANCE_SHARD_TRANSFER_MODE: z._default(oneOf('auto', 'force_logical', 'block_writes'), 'block_writes'),
  WEBHOOK_SECRETS: secrets,
  WEBHOOK_TOLERANCE_SECONDS: wholeNumber(300, 1, 86_400),
}

const azureShape = {
  AZURE_SUBSCRIPTION_ID: matching(/^[\w-]+$/, 'must be the id of a subscription'),
  AZURE_RESOURCE_GROUP: matching(/^[-\w.()]{1,90}$/, 'must be the name of a resource group'),
  AZURE_RESOURCE_MANAGER_ENDPOINT: resourceManagerEndpoint,
  CLUSTER_ADMIN_PASSWORD: z.optional(required),
}

const citusShape = { CITUS_WORKER_POOL: workerPool }

const commonSchema = z.object(commonShape)
const signInSchema = z.pick(commonSchema, { PG_AUTHENTICATION: true, PG_CONNECTION_URL: true })
export const kinds = ['cosmosdb-postgresql', 'elastic-cluster', 'citus'] as const
const kindSchema = z.discriminatedUnion(
  'CLUSTER_KIND',
  [
    z.object({ CLUSTER_KIND: z.literal('cosmosdb-postgresql'), ...azureShape }),
    z.object({ CLUSTER_KIND: z.literal('elastic-cluster'), ...azureShape }),
    z.object({ CLUSTER_KIND: z.literal('citus'), ...citusShape }),
  ],
  { error: `must be one of ${kinds.join(', ')}` },
)

/** Names the settings that are wrong even when it is unknown which ones are required. */
const anyKindSchema = z.partial(z.object({ ...azureShape, ...citusShape }))

/** The typed settings, with defaults filled in. `cluster` holds those that depend on the kind of cluster. */
export type Settings = Omit<
  z.infer<typeof commonSchema>,
  'PG_CONNECTION_URL' | 'PG_AUTHENTICATION' | 'PG_CA_CERTIFICATE'
> & {
  cluster: z.infer<typeof kindSchema>
  database: Database
}
export type ClusterKind = Settings['cluster']['CLUSTER_KIND']

/** The name of every setting. */
export const settingNames: readonly string[] = [
  'CLUSTER_KIND',
  ...[commonShape, azureShape, citusShape].flatMap((shape) => Object.keys(shape)),
]

export type SettingsResult = { ok: true; settings: Settings } | { ok: false; problems: string[] }

/**
 * Reads the app settings. Reports all problems together, each as `NAME what is wrong`, and never a value, which may be a secret.
 * An empty text counts as not set: the portal and templates leave out an optional setting that way.
 */
export function readSettings(environment: Record<string, string | undefined>): SettingsResult {
  const given = Object.fromEntries(
    settingNames.flatMap((name) => {
      const value = environment[name]?.trim()
      return value ? [[name, value]] : []
    }),
  )
  const common = commonSchema.safeParse(given)
  const cluster = kindSchema.safeParse({ CLUSTER_KIND: 'cosmosdb-postgresql', ...given })
  const ofNoKind = cluster.error?.issues.some(({ path }) => path[0] === 'CLUSTER_KIND')
  const ofAnyKind = ofNoKind ? anyKindSchema.safeParse(given) : undefined
  const issues = [common, cluster, ofAnyKind].flatMap((result) => result?.error?.issues ?? [])
  const problems = [
    ...issues.map(({ path, message }) => `${String(path[0])} ${message}`),
    ...signInProblems(signInSchema.safeParse(given).data, given.CLUSTER_KIND),
  ]
  if (!common.success || !cluster.success || problems.length > 0) return { ok: false, problems }
  const {
    PG_CONNECTION_URL: url,
    PG_AUTHENTICATION: authentication,
    PG_CA_CERTIFICATE: caCertificate,
    ...settings
  } = common.data
  const entraScope = authentication === 'entra' ? entraScopes[cluster.data.CLUSTER_KIND] : undefined
  return {
    ok: true,
    settings: { ...settings, cluster: cluster.data, database: { ...url, caCertificate, entraScope } },
  }
}

// Microsoft's pages on Microsoft Entra ID in Azure Cosmos DB for PostgreSQL and in Azure Database for PostgreSQL.
const entraScopes = {
  'cosmosdb-postgresql': 'https://token.postgres.cosmos.azure.com/.default',
  'elastic-cluster': 'https://ossrdbms-aad.database.windows.net/.default',
  citus: undefined,
} as const

/** The token is sent to the server in clear text, so TLS is required; and it replaces the password. */
function signInProblems(signIn: z.infer<typeof signInSchema> | undefined, kind: string | undefined): string[] {
  if (signIn?.PG_AUTHENTICATION !== 'entra') return []
  const { password, tls } = signIn.PG_CONNECTION_URL
  const problems: string[] = []
  if (kind === 'citus')
    problems.push('PG_AUTHENTICATION can be entra only where Azure runs the database, not with CLUSTER_KIND=citus')
  if (password !== '') problems.push('PG_CONNECTION_URL must hold no password when PG_AUTHENTICATION is entra')
  if (tls && tls.use !== 'always')
    problems.push('PG_CONNECTION_URL must not turn TLS off (sslmode) when PG_AUTHENTICATION is entra')
  return problems
}
