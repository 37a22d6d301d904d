import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import * as z from 'zod'
import { copyOfInfra, skipWithoutBicep, type BicepFolder } from './bicep-cli.ts'
import { predict } from './snapshot.ts'

// What Azure Monitor accepts as a metric alert: https://learn.microsoft.com/rest/api/monitor/metric-alerts/create-or-update
const frequencies = ['PT1M', 'PT5M', 'PT15M', 'PT30M', 'PT1H'] as const
const windows = ['PT1M', 'PT5M', 'PT15M', 'PT30M', 'PT1H', 'PT6H', 'PT12H', 'P1D'] as const

const alertSchema = z.object({
  scopes: z.array(z.string()),
  evaluationFrequency: z.enum(frequencies),
  windowSize: z.enum(windows),
  criteria: z.object({
    allOf: z.tuple([
      z.object({
        metricNamespace: z.string(),
        metricName: z.literal('cpu_percent'),
        timeAggregation: z.literal('Average'),
        operator: z.literal('GreaterThan'),
        threshold: z.number(),
        dimensions: z.array(z.unknown()),
      }),
    ]),
  }),
  actions: z.tuple([z.object({ actionGroupId: z.string() })]),
})
const groupSchema = z.object({
  groupShortName: z.string().max(12),
  emailReceivers: z.array(z.object({ emailAddress: z.string() })),
})

const kinds = [
  {
    kind: 'an elastic cluster: the mean of all nodes',
    parameters: 'with-grafana',
    cluster:
      '/subscriptions/11111111-1111-1111-1111-111111111111/resourceGroups/rg-orders/providers/Microsoft.DBforPostgreSQL/flexibleServers/orders',
    type: 'flexibleServers',
    addresses: ['dba@example.com', 'oncall@example.com'],
    dimensions: [],
  },
  {
    kind: 'Azure Cosmos DB for PostgreSQL: every worker, without the coordinator',
    parameters: 'other-subscription',
    cluster:
      '/subscriptions/22222222-2222-2222-2222-222222222222/resourceGroups/rg-orders/providers/Microsoft.DBforPostgreSQL/serverGroupsv2/orders',
    type: 'serverGroupsv2',
    addresses: ['dba@example.com'],
    dimensions: [{ name: 'ServerName', operator: 'Exclude', values: ['orders-c'] }],
  },
]

describe('the alert outside Grafana', { skip: skipWithoutBicep }, () => {
  let infra: BicepFolder
  before(async () => {
    infra = await copyOfInfra()
  })
  after(() => infra.remove())

  for (const { kind, parameters, cluster, type, addresses, dimensions } of kinds)
    test(`watches ${kind}`, async () => {
      const predicted = await predict(infra, parameters)
      const alert = alertSchema.parse(predicted.only('Insights/metricAlerts').properties)
      assert.deepEqual(alert.scopes, [cluster])
      const [criterion] = alert.criteria.allOf
      assert.equal(criterion.metricNamespace, `Microsoft.DBforPostgreSQL/${type}`)
      assert.deepEqual(criterion.dimensions, dimensions)
      // The mean of an hour exceeds the threshold 45 minutes after a jump from 45 to 85 %, but not after half an hour at 100 %.
      assert.equal(alert.windowSize, 'PT1H')
      assert.equal((45 * 85 + 15 * 45) / 60, criterion.threshold)
      assert.ok((30 * 100 + 30 * 45) / 60 < criterion.threshold)
      const people = predicted.only('Insights/actionGroups')
      assert.equal(alert.actions[0].actionGroupId, people.id)
      const { emailReceivers } = groupSchema.parse(people.properties)
      assert.deepEqual(
        emailReceivers.map(({ emailAddress }) => emailAddress),
        addresses,
      )
    })

  test('is deployed only when an address is given', async () => {
    const predicted = await predict(infra, 'new-environment')
    for (const type of ['Insights/metricAlerts', 'Insights/actionGroups']) assert.deepEqual(predicted.all(type), [])
  })
})
