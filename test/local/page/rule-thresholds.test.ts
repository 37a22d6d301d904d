import assert from 'node:assert/strict'
import { test } from 'node:test'
import { shippedAlerting } from '../../../src/local/grafana/shipped-alerting.ts'
import { ruleThresholds } from '../../../src/local/page/rule-thresholds.ts'
import { kinds } from '../../../src/settings.ts'

for (const kind of kinds)
  test(`the thresholds of the shipped scale-out rules, ${kind}`, async () => {
    const alerting = await shippedAlerting(kind, {
      AUTOSCALER_URL: 'http://127.0.0.1',
      AUTOSCALER_FUNCTION_KEY: '',
      AUTOSCALER_WEBHOOK_SECRET: 'x',
      AUTOSCALER_ALERT_EMAIL: 'people@example.com',
      AZURE_SUBSCRIPTION_ID: 'x',
      AZURE_RESOURCE_GROUP: 'x',
      CLUSTER_NAME: 'demo',
    })
    const thresholds = ruleThresholds(alerting).map(({ above, below }) => [above, below])
    const asking = alerting.rules.filter(({ labels }) => labels.action === 'scale-out')
    assert.equal(thresholds.length, asking.length)
    assert.ok(thresholds.every(([above = 0, below = 0]) => above > 50 && above <= 100 && below <= above && below > 50))
  })
