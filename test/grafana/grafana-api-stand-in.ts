import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import { json } from 'node:stream/consumers'
import * as z from 'zod'

export type Stored = Record<string, unknown>
type Answer = { status: number; body: unknown }

const object = z.looseObject({})
const named = z.looseObject({ uid: z.string(), name: z.string() })
const ruleSchema = z.looseObject({
  uid: z.string().min(1).max(40),
  title: z.string(),
  condition: z.string(),
  data: z.array(z.looseObject({ refId: z.string(), datasourceUid: z.string(), model: object })),
  noDataState: z.enum(['OK', 'Alerting', 'NoData', 'KeepLast']),
  execErrState: z.enum(['OK', 'Alerting', 'Error', 'KeepLast']),
  for: z.string(),
  folderUID: z.string(),
  notification_settings: z.looseObject({ receiver: z.string() }).nullish(),
})
const groupSchema = z.looseObject({ interval: z.int().positive().multipleOf(10), rules: z.array(ruleSchema) })
const routeSchema = z.looseObject({
  receiver: z.string(),
  routes: z.array(z.looseObject({ receiver: z.string() })).optional(),
})

/** What Grafana's API keeps; a test may look at it and change it. */
export function emptyGrafana() {
  return {
    folders: new Map<string, Stored>(),
    dataSources: new Map<string, Stored>(),
    contactPoints: new Map<string, Stored>([
      ['email', { uid: 'email', name: 'grafana-default-email', type: 'email', settings: {} }],
    ]),
    muteTimings: new Map<string, Stored>(),
    ruleGroups: new Map<string, Stored>(),
    dashboards: new Map<string, Stored>(),
    policies: { receiver: 'grafana-default-email', group_by: ['grafana_folder', 'alertname'] } as Stored,
    writes: [] as string[],
  }
}
export type GrafanaContent = ReturnType<typeof emptyGrafana>

const found = (body: unknown): Answer =>
  body === undefined ? { status: 404, body: { message: 'not found' } } : { status: 200, body }
const refused = (status: number, message: string): Answer => ({ status, body: { message } })

type Route = [method: string, path: RegExp, answer: (content: GrafanaContent, key: string, body: unknown) => Answer]

/** The part of Grafana's HTTP API that apply uses, with its status codes, its checks and what it adds to what it is given. */
const routes: Route[] = [
  ['GET', /^\/api\/folders$/, ({ folders }) => found([...folders.values()])],
  ['GET', /^\/api\/folders\/([^/]+)$/, ({ folders }, uid) => found(folders.get(uid))],
  [
    'POST',
    /^\/api\/folders$/,
    ({ folders }, _, body) => {
      const folder = z.looseObject({ uid: z.string().max(40), title: z.string() }).parse(body)
      if (folders.has(folder.uid)) return refused(409, 'a folder with the same uid already exists')
      folders.set(folder.uid, { id: 1, version: 1, ...folder })
      return { status: 200, body: folder }
    },
  ],
  ['GET', /^\/api\/datasources\/uid\/([^/]+)$/, ({ dataSources }, uid) => found(dataSources.get(uid))],
  ['POST', /^\/api\/datasources$/, ({ dataSources }, _, body) => keepDataSource(dataSources, named.parse(body))],
  [
    'PUT',
    /^\/api\/datasources\/uid\/([^/]+)$/,
    ({ dataSources }, _, body) => keepDataSource(dataSources, named.parse(body)),
  ],
  [
    'GET',
    /^\/api\/v1\/provisioning\/contact-points$/,
    ({ contactPoints }) => found([...contactPoints.values()].map(withoutSecrets)),
  ],
  [
    'POST',
    /^\/api\/v1\/provisioning\/contact-points$/,
    ({ contactPoints }, _, body) => keepContactPoint(contactPoints, named.parse(body)),
  ],
  [
    'PUT',
    /^\/api\/v1\/provisioning\/contact-points\/([^/]+)$/,
    ({ contactPoints }, uid, body) => keepContactPoint(contactPoints, { ...named.parse(body), uid }),
  ],
  ['GET', /^\/api\/v1\/provisioning\/mute-timings\/([^/]+)$/, ({ muteTimings }, name) => found(muteTimings.get(name))],
  [
    'POST',
    /^\/api\/v1\/provisioning\/mute-timings$/,
    ({ muteTimings }, _, body) => {
      const timing = z.looseObject({ name: z.string(), time_intervals: z.array(object).min(1) }).parse(body)
      muteTimings.set(timing.name, { ...timing, version: 'abc', provenance: '' })
      return { status: 201, body: timing }
    },
  ],
  [
    'GET',
    /^\/api\/v1\/provisioning\/folder\/[^/]+\/rule-groups\/([^/]+)$/,
    ({ ruleGroups }, name) => found(ruleGroups.get(name)),
  ],
  ['PUT', /^\/api\/v1\/provisioning\/folder\/[^/]+\/rule-groups\/([^/]+)$/, keepRuleGroup],
  ['GET', /^\/api\/v1\/provisioning\/policies$/, ({ policies }) => found(policies)],
  [
    'PUT',
    /^\/api\/v1\/provisioning\/policies$/,
    (content, _, body) => {
      const tree = routeSchema.parse(body)
      const receivers = [tree, ...(tree.routes ?? [])].map(({ receiver }) => receiver)
      const unknown = receivers.find((receiver) => !hasReceiver(content, receiver))
      if (unknown !== undefined) return refused(400, `receiver '${unknown}' does not exist`)
      content.policies = tree
      return { status: 202, body: { message: 'policies updated' } }
    },
  ],
  ['GET', /^\/api\/dashboards\/uid\/([^/]+)$/, ({ dashboards }, uid) => found(dashboards.get(uid))],
  [
    'POST',
    /^\/api\/dashboards\/db$/,
    ({ dashboards, folders }, _, body) => {
      const schema = z.object({
        dashboard: z.looseObject({ uid: z.string() }),
        folderUid: z.string(),
        overwrite: z.boolean(),
      })
      const { dashboard, folderUid, overwrite } = schema.parse(body)
      if (!folders.has(folderUid)) return refused(400, 'folder not found')
      if (dashboards.has(dashboard.uid) && !overwrite)
        return refused(412, 'a dashboard with the same uid already exists')
      dashboards.set(dashboard.uid, { dashboard: { ...dashboard, id: 7, version: 3 }, meta: { folderUid } })
      return { status: 200, body: { status: 'success' } }
    },
  ],
]

function keepDataSource(dataSources: GrafanaContent['dataSources'], dataSource: z.infer<typeof named>): Answer {
  const { secureJsonData, ...rest } = dataSource
  const secureJsonFields = Object.fromEntries(
    Object.keys(object.parse(secureJsonData ?? {})).map((name) => [name, true]),
  )
  dataSources.set(dataSource.uid, { id: 1, orgId: 1, readOnly: false, ...rest, secureJsonFields })
  return { status: 200, body: { message: 'Datasource added' } }
}

function keepContactPoint(contactPoints: GrafanaContent['contactPoints'], contactPoint: z.infer<typeof named>): Answer {
  contactPoints.set(contactPoint.uid, { ...contactPoint, provenance: '' })
  return { status: 202, body: contactPoint }
}

function withoutSecrets(contactPoint: Stored): Stored {
  const settings = object.parse(contactPoint.settings)
  if (settings.hmacConfig === undefined) return contactPoint
  const hmacConfig = { ...object.parse(settings.hmacConfig), secret: '[REDACTED]' }
  return { ...contactPoint, settings: { ...settings, hmacConfig } }
}

function keepRuleGroup(content: GrafanaContent, name: string, body: unknown): Answer {
  const group = groupSchema.parse(body)
  for (const rule of group.rules) {
    const receiver = rule.notification_settings?.receiver
    if (!content.folders.has(rule.folderUID)) return refused(400, `folder ${rule.folderUID} does not exist`)
    if (!rule.data.some(({ refId }) => refId === rule.condition))
      return refused(400, `invalid rule ${rule.title}: no condition`)
    if (receiver !== undefined && !hasReceiver(content, receiver))
      return refused(400, `invalid rule ${rule.title}: receiver ${receiver} does not exist`)
  }
  // What Grafana adds by itself.
  const rules = group.rules.map((rule, id) => ({
    ...rule,
    id,
    updated: '2026-01-01T00:00:00Z',
    data: rule.data.map((query) => ({
      queryType: '',
      ...query,
      model: { intervalMs: 1000, maxDataPoints: 43200, ...query.model },
    })),
  }))
  content.ruleGroups.set(name, { ...group, rules })
  return { status: 200, body: group }
}

const hasReceiver = ({ contactPoints }: GrafanaContent, receiver: string) =>
  [...contactPoints.values()].some(({ name }) => name === receiver)

export type GrafanaApiStandIn = { url: string; content: GrafanaContent; close: () => void }

/** Serves the API on a port of its own to whoever brings the token; `refuse` may turn a request down before it is looked at. */
export async function startGrafanaApi(token: string, refuse: (path: string) => Answer | undefined = () => undefined) {
  const content = emptyGrafana()
  const server = createServer((request, response) => {
    void answer(request).then(({ status, body }) => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    })
  })

  async function answer(request: IncomingMessage): Promise<Answer> {
    const { method = '', url = '' } = request
    if (request.headers.authorization !== `Bearer ${token}`) return refused(401, 'Invalid API key')
    const path = url.split('?')[0] ?? ''
    const body: unknown = method === 'GET' ? undefined : await json(request)
    const route = routes.find(([routeMethod, pattern]) => routeMethod === method && pattern.test(path))
    if (!route) return refused(404, `no route ${method} ${path}`)
    const refusal = method === 'GET' ? undefined : refuse(path)
    if (refusal) return refusal
    if (method !== 'GET') content.writes.push(`${method} ${path}`)
    try {
      return route[2](content, decodeURIComponent(route[1].exec(path)?.[1] ?? ''), body)
    } catch (error) {
      return refused(400, error instanceof z.ZodError ? z.prettifyError(error) : String(error))
    }
  }

  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the server has no port')
  return { url: `http://127.0.0.1:${address.port}`, content, close: () => server.close() } satisfies GrafanaApiStandIn
}
