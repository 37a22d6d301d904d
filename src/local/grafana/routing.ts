import type { Rule } from '../../../grafana/apply/alerting-file.ts'
import { durationSeconds } from '../../../grafana/apply/duration.ts'

/** Where the alerts of a rule go and when; in seconds. */
export type Routing = {
  receiver: string
  groupBy: readonly string[]
  groupWait: number
  groupInterval: number
  repeatInterval: number
  /** Names of mute timings. */
  mutedBy: readonly string[]
}

/** A rule's own route, which bypasses the notification policy tree. What is not set has Grafana's defaults. */
export const readRouting = (file: Rule['notification_settings']): Routing => ({
  receiver: file.receiver,
  groupBy: file.group_by ?? ['grafana_folder', 'alertname'],
  groupWait: durationSeconds(file.group_wait ?? '30s'),
  groupInterval: durationSeconds(file.group_interval ?? '5m'),
  repeatInterval: durationSeconds(file.repeat_interval ?? '4h'),
  mutedBy: file.mute_time_intervals ?? [],
})
