import type { Labels } from './labels.ts'

/** One alert instance of a rule. `since`: when it entered its state; `recoveringSince` is set while `keep_firing_for` keeps it firing. */
export type InstanceState = {
  labels: Labels
  state: 'normal' | 'pending' | 'alerting' | 'no-data' | 'error'
  since: Date
  recoveringSince?: Date
  values: Readonly<Record<string, number | null>>
  /** Grafana's grafana_state_reason: why the state differs from the result of the evaluation. */
  reason: string
  evaluatedAt: Date
}
