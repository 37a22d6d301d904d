import { readAlerting, type AlertRule } from '../../../src/local/grafana/read-alerting.ts'

type RuleFile = Readonly<Record<string, unknown>>

/** A file with one rule: `load` above 80, from the data source `source`. The given fields replace those of the rule. */
export const ruleFile = (fields: RuleFile = {}) => ({
  apiVersion: 1,
  groups: [
    {
      orgId: 1,
      name: 'a group',
      folder: 'a folder',
      interval: '1m',
      rules: [
        {
          uid: 'a-rule',
          title: 'Load is high',
          condition: 'hot',
          for: '2m',
          noDataState: 'OK',
          execErrState: 'OK',
          labels: { action: 'scale-out' },
          annotations: { summary: 'load {{ printf "%.1f" .Values.load.Value }} of {{ .Labels.node }}' },
          dashboardUid: 'cluster',
          panelId: 1,
          notification_settings: { receiver: 'hook' },
          data: [
            {
              refId: 'load',
              relativeTimeRange: { from: 60, to: 0 },
              datasourceUid: 'source',
              model: { refId: 'load', datasource: { type: 'made-up', uid: 'source' } },
            },
            {
              refId: 'hot',
              relativeTimeRange: { from: 0, to: 0 },
              datasourceUid: '__expr__',
              model: {
                datasource: { type: '__expr__', uid: '__expr__' },
                type: 'threshold',
                expression: 'load',
                conditions: [{ evaluator: { type: 'gt', params: [80] } }],
              },
            },
          ],
          ...fields,
        },
      ],
    },
  ],
})

export function ruleWith(fields: RuleFile = {}): AlertRule {
  const [rule] = readAlerting([ruleFile(fields)], {}).rules
  if (!rule) throw new Error('the file holds no rule')
  return rule
}

export const contactPointFile = (url: string, disableResolveMessage = false) => ({
  apiVersion: 1,
  contactPoints: [
    {
      orgId: 1,
      name: 'hook',
      receivers: [{ uid: 'hook-uid', type: 'webhook', disableResolveMessage, settings: { url } }],
    },
  ],
})
