import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import { json } from 'node:stream/consumers'
import * as z from 'zod'
import {
  emptyGrafana,
  found,
  groupSchema,
  refused,
  rulesOf,
  type Answer,
  type GrafanaContent,
  type Stored,
} from './grafana-content.ts'
import { deleteContactPoint, deleteMuteTiming, deleteRule, removed } from './grafana-removals.ts'

const object = z.looseObject({})
const named = z.looseObject({ uid: z.string(), name: z.string() })

type Route = [method: string, path: RegExp, answer: (content: GrafanaContent, key: string, body: unknown) => Answer]

/** The part of Grafana's HTTP API that apply uses, with its status codes, its checks, and the fields that it adds. */
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
  ['GET', /^\/api\/datasources\/uid\/([^/]+)\/health$/, health],
  ['DELETE', /^\/api\/datasources\/uid\/([^/]+)$/, ({ dataSources }, uid) => removed(dataSources, uid, 200)],
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
  ['DELETE', /^\/api\/v1\/provisioning\/contact-points\/([^/]+)$/, deleteContactPoint],
  [
    'GET',
    /^\/api\/alertmanager\/grafana\/config\/api\/v1\/receivers$/,
    ({ contactPoints, notified }) =>
      found(
        [...contactPoints.values()].map(({ name }) => ({ name, integrations: [notified.get(String(name)) ?? never] })),
      ),
  ],
  ['DELETE', /^\/api\/v1\/provisioning\/mute-timings\/([^/]+)$/, deleteMuteTiming],
  ['GET', /^\/api\/v1\/provisioning\/mute-timings\/([^/]+)$/, ({ muteTimings }, name) => found(muteTimings.get(name))],
  ['POST', /^\/api\/v1\/provisioning\/mute-timings$/, (content, _, body) => keepMuteTiming(content, body, 201)],
  ['PUT', /^\/api\/v1\/provisioning\/mute-timings\/[^/]+$/, (content, _, body) => keepMuteTiming(content, body, 202)],
  [
    'GET',
    /^\/api\/v1\/provisioning\/folder\/[^/]+\/rule-groups\/([^/]+)$/,
    ({ ruleGroups }, name) => found(ruleGroups.get(name)),
  ],
  ['PUT', /^\/api\/v1\/provisioning\/folder\/[^/]+\/rule-groups\/([^/]+)$/, keepRuleGroup],
  ['GET', /^\/api\/v1\/provisioning\/alert-rules$/, (content) => found(rulesOf(content))],
  ['DELETE', /^\/api\/v1\/provisioning\/alert-rules\/([^/]+)$/, deleteRule],
  [
    'GET',
    /^\/api\/prometheus\/grafana\/api\/v1\/rules$/,
    (content) => {
      const rules = rulesOf(content).map(({ title }) => ({
        name: title,
        ...(content.evaluated.get(title) ?? { health: 'ok' }),
      }))
      return found({ status: 'success', data: { groups: [{ name: 'all', rules }] } })
    },
  ],
  ['GET', /^\/api\/dashboards\/uid\/([^/]+)$/, ({ dashboards }, uid) => found(dashboards.get(uid))],
  ['DELETE', /^\/api\/dashboards\/uid\/([^/]+)$/, ({ dashboards }, uid) => removed(dashboards, uid, 200)],
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

function health({ dataSources, unwell }: GrafanaContent, uid: string): Answer {
  if (!dataSources.has(uid)) return refused(404, 'Data source not found')
  const message = unwell.get(uid)
  if (message !== undefined) return { status: 400, body: { status: 'ERROR', message } }
  return { status: 200, body: { status: 'OK', message: 'Database Connection OK' } }
}

const never = { lastNotifyAttempt: '0001-01-01T00:00:00.000Z' }

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

function keepMuteTiming({ muteTimings }: GrafanaContent, body: unknown, status: number): Answer {
  const timing = z.looseObject({ name: z.string(), time_intervals: z.array(object).min(1) }).parse(body)
  muteTimings.set(timing.name, { ...timing, version: 'abc', provenance: '' })
  return { status, body: timing }
}

function withoutSecrets(contactPoint: Stored): Stored {
  const settings = object.parse(contactPoint.settings)
  if (settings.hmacConfig === undefined) return contactPoint
  const hmacConfig = { ...object.parse(settings.hmacConfig), secret: '[REDACTED]' }
  return { ...contactPoint, settings: { ...settings, hmacConfig } }
}

function keepRuleGroup(content: GrafanaContent, name: string, body: unknown): Answer {
  const group = groupSchema.parse(body)
  const others = rulesOf(content).filter((rule) => rule.group !== name)
  for (const rule of group.rules) {
    if (others.some(({ title, folderUID }) => title === rule.title && folderUID === rule.folderUID))
      return refused(409, `a rule named ${rule.title} is there already`)
    if (others.some(({ uid }) => uid === rule.uid)) return refused(409, `rule ${rule.uid} is in another group`)
    const receiver = rule.notification_settings?.receiver
    if (!content.folders.has(rule.folderUID)) return refused(400, `folder ${rule.folderUID} does not exist`)
    if (!rule.data.some(({ refId }) => refId === rule.condition))
      return refused(400, `invalid rule ${rule.title}: no condition`)
    const timing = rule.notification_settings?.mute_time_intervals?.find((used) => !content.muteTimings.has(used))
    if (timing !== undefined) return refused(400, `invalid rule ${rule.title}: no mute timing ${timing}`)
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

/** Serves the API on a free port to requests with the token. `refuse` may refuse a request before it is handled. */
export async function startGrafanaApi(token: string, refuse: (path: string) => Answer | undefined = () => undefined) {
  const content = emptyGrafana()
  const server = createServer((request, response) => {
    void answer(request).then(({ status, body, location }) => {
      response
        .writeHead(status, { 'content-type': 'application/json', ...(location && { location }) })
        .end(body === undefined ? '' : JSON.stringify(body))
    })
  })

  async function answer(request: IncomingMessage): Promise<Answer> {
    const { method = '', url = '' } = request
    if (request.headers.authorization !== `Bearer ${token}`) return refused(401, 'Invalid API key')
    const path = url.split('?')[0] ?? ''
    const body: unknown = ['GET', 'DELETE'].includes(method) ? undefined : await json(request)
    const route = routes.find(([routeMethod, pattern]) => routeMethod === method && pattern.test(path))
    if (!route || content.missing.has(path)) return refused(404, `no route ${method} ${path}`)
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
