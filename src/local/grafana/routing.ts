import type { Policy as PolicyFile, Rule } from '../../../grafana/apply/alerting-file.ts'
import { durationSeconds } from '../../../grafana/apply/duration.ts'
import type { Labels } from './labels.ts'

/** Where an alert goes and when; in seconds. */
export type Routing = {
  receiver: string
  groupBy: readonly string[]
  groupWait: number
  groupInterval: number
  repeatInterval: number
  /** Names of mute timings. */
  mutedBy: readonly string[]
}

type Matcher = readonly [label: string, operator: '=' | '!=', value: string]
export type Policy = {
  root: Routing
  routes: readonly { matchers: readonly Matcher[]; routing: Routing; continues: boolean }[]
}

const defaults = {
  group_by: ['grafana_folder', 'alertname'],
  group_wait: '30s',
  group_interval: '5m',
  repeat_interval: '4h',
}

type RoutingFile = NonNullable<Rule['notification_settings']>

/** Grafana's defaults where nothing is said. */
export function readRouting(file: RoutingFile, inherited: Routing = fromFile({ ...defaults, receiver: '' })): Routing {
  return {
    receiver: file.receiver,
    groupBy: file.group_by ?? inherited.groupBy,
    groupWait: file.group_wait === undefined ? inherited.groupWait : durationSeconds(file.group_wait),
    groupInterval: file.group_interval === undefined ? inherited.groupInterval : durationSeconds(file.group_interval),
    repeatInterval:
      file.repeat_interval === undefined ? inherited.repeatInterval : durationSeconds(file.repeat_interval),
    mutedBy: file.mute_time_intervals ?? [],
  }
}

function fromFile(file: typeof defaults & { receiver: string }): Routing {
  return {
    receiver: file.receiver,
    groupBy: file.group_by,
    groupWait: durationSeconds(file.group_wait),
    groupInterval: durationSeconds(file.group_interval),
    repeatInterval: durationSeconds(file.repeat_interval),
    mutedBy: [],
  }
}

/** The policy tree, one level deep: what the shipped one needs. */
export function readPolicy(file: PolicyFile): Policy {
  const root = readRouting(file)
  const routes = file.routes.map(({ object_matchers, continue: continues = false, ...routing }) => ({
    matchers: object_matchers,
    routing: readRouting(routing, root),
    continues,
  }))
  return { root, routes }
}

/** The routes that an alert takes: that of its rule, which goes past the tree, else the tree's first match and what it continues to. */
export function routesOf(labels: Labels, own: Routing | undefined, policy: Policy | undefined): readonly Routing[] {
  if (own) return [own]
  if (!policy)
    throw new Error(`alert ${labels.alertname ?? ''} has no notification_settings, and there is no policy tree`)
  const matching = policy.routes.filter(({ matchers }) => matchers.every((matcher) => matches(matcher, labels)))
  const last = matching.findIndex(({ continues }) => !continues)
  const taken = last === -1 ? matching : matching.slice(0, last + 1)
  return taken.length > 0 ? taken.map(({ routing }) => routing) : [policy.root]
}

const matches = ([label, operator, value]: Matcher, labels: Labels) =>
  ((labels[label] ?? '') === value) === (operator === '=')
