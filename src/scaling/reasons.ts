/**
 * The closed list of reasons, each with its outcome and HTTP status. Types, log fields, runbook and tests follow from it.
 * After a 2xx, Grafana does not repeat the notification until its repeat interval; after anything else it does at the next flush.
 */
export const reasons = {
  'scaling-out': { outcome: 'started', status: 202 },
  rebalancing: { outcome: 'started', status: 202 },
  'dry-run': { outcome: 'held', status: 200 },
  paused: { outcome: 'held', status: 200 },
  'operation-in-progress': { outcome: 'held', status: 200 },
  'cluster-not-ready': { outcome: 'held', status: 200 },
  'coordinator-silent': { outcome: 'held', status: 200 },
  'cooling-down': { outcome: 'held', status: 200 },
  'backing-off': { outcome: 'held', status: 200 },
  'rebalance-pending': { outcome: 'held', status: 200 },
  'at-maximum': { outcome: 'held', status: 200 },
  'too-few-shards': { outcome: 'held', status: 200 },
  'rebalance-cancelled': { outcome: 'held', status: 200 },
  'rebalance-running': { outcome: 'held', status: 200 },
  balanced: { outcome: 'held', status: 200 },
  resolved: { outcome: 'ignored', status: 200 },
  'test-alert': { outcome: 'ignored', status: 200 },
  'no-data': { outcome: 'ignored', status: 200 },
  'not-ours': { outcome: 'ignored', status: 200 },
  status: { outcome: 'reported', status: 200 },
  'bad-request': { outcome: 'failed', status: 400 },
  unauthorized: { outcome: 'failed', status: 401 },
  'payload-too-large': { outcome: 'failed', status: 413 },
  'unsupported-media-type': { outcome: 'failed', status: 415 },
  misconfigured: { outcome: 'failed', status: 500 },
  'azure-refused': { outcome: 'failed', status: 502 },
  'azure-unavailable': { outcome: 'failed', status: 503 },
  'citus-refused': { outcome: 'failed', status: 502 },
  'citus-unavailable': { outcome: 'failed', status: 503 },
} as const satisfies Record<string, { outcome: 'started' | 'held' | 'ignored' | 'reported' | 'failed'; status: number }>

export type Reason = keyof typeof reasons
export type Outcome = (typeof reasons)[Reason]['outcome']

/** The reasons that belong to one outcome. */
export type ReasonOf<O extends Outcome> = {
  [R in Reason]: (typeof reasons)[R]['outcome'] extends O ? R : never
}[Reason]
