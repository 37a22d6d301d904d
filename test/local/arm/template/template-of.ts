import type { Json } from '../../../../src/local/arm/template/json.ts'
import type { DeploymentTarget } from '../../../../src/local/arm/resource-path.ts'

export const target: DeploymentTarget = {
  subscriptionId: '00000000-0000-0000-0000-000000000001',
  resourceGroup: 'databases',
  location: 'westeurope',
}

const plainResource = {
  type: 'Microsoft.DBforPostgreSQL/serverGroupsv2',
  apiVersion: '2022-11-08',
  name: 'plain',
  location: 'westeurope',
}

/** A template of these resources, each with only the fields that differ from the default. */
export const templateOfResources = (...resources: object[]) => ({
  $schema: 'https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#',
  contentVersion: '1.0.0.0',
  resources: resources.map((special) => ({ ...plainResource, ...special })),
})

/** A template with a resource for each of these values, and parameters that expressions can refer to. */
export const templateOf = (...values: Json[]) => ({
  ...templateOfResources(...values.map((value, index) => ({ name: `case-${index}`, properties: { value } }))),
  parameters: {
    cluster: { type: 'object', defaultValue: { Name: 'shop', nodes: [{ size: 4 }] } },
    none: { type: 'object', defaultValue: {} },
    number: { type: 'int', defaultValue: 4 },
    prefix: { type: 'string', defaultValue: 'p-' },
  },
})
