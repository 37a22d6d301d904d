import type { Fault } from '../../src/local/arm/faults.ts'

/** A failure of ARM, and what scale-out answers. */
export type ArmFaultCase = {
  name: string
  fault: Fault
  status: number
  reason: string
  message: RegExp
  /** Whether a deployment runs after it. */
  deploys?: boolean
}

export const armFaultCases: ArmFaultCase[] = [
  {
    name: '401',
    fault: { on: 'get-resource', refused: 'unauthenticated' },
    status: 502,
    reason: 'azure-refused',
    message: /answered 401.*managed identity/,
  },
  {
    name: '403 on the cluster',
    fault: { on: 'get-resource', refused: 'forbidden' },
    status: 502,
    reason: 'azure-refused',
    message: /answered 403: AuthorizationFailed.*role/,
  },
  {
    name: '403 on the deployment',
    fault: { on: 'put-deployment', refused: 'forbidden' },
    status: 502,
    reason: 'azure-refused',
    message: /asked to deploy autoscale-demo, answered 403: AuthorizationFailed.*role/,
  },
  {
    name: '403 on a resource that the cluster is linked to',
    fault: { on: 'put-deployment', refused: 'linked-scope' },
    status: 502,
    reason: 'azure-refused',
    message: /answered 403: LinkedAuthorizationFailed.*linked resource that is named\)$/,
  },
  {
    name: '403 of a policy',
    fault: { on: 'put-deployment', refused: 'policy' },
    status: 502,
    reason: 'azure-refused',
    message: /answered 403: RequestDisallowedByPolicy.*exempt the cluster/,
  },
  {
    name: '403 of a gateway, with a web page',
    fault: { on: 'put-deployment', webPage: 403 },
    status: 502,
    reason: 'azure-refused',
    message: /answered 403: a web page, probably of a proxy or firewall in front of it$/,
  },
  {
    name: "a sign-in page instead of ARM's answer",
    fault: { on: 'get-resource', webPage: 200 },
    status: 502,
    reason: 'azure-refused',
    message: /is not as API 2022-11-08/,
  },
  {
    name: 'a read-only lock',
    fault: { on: 'put-deployment', refused: 'locked' },
    status: 502,
    reason: 'azure-refused',
    message: /answered 409: ScopeLocked.*remove the read-only lock/,
  },
  {
    name: 'the limit of 800 deployments',
    fault: { on: 'put-deployment', refused: 'too-many-deployments' },
    status: 502,
    reason: 'azure-refused',
    message: /answered 409: DeploymentQuotaExceeded.*quota of '800'.*delete old deployments of the resource group/,
  },
  {
    name: '409 of a busy cluster',
    fault: { on: 'put-deployment', refused: 'server-is-busy' },
    status: 200,
    reason: 'operation-in-progress',
    message: /^Azure is busy with another operation on the cluster: ServerIsBusy: /,
  },
  {
    name: '404 on the cluster',
    fault: { on: 'get-resource', refused: 'not-found' },
    status: 502,
    reason: 'azure-refused',
    message: /answered 404.*CLUSTER_NAME/,
  },
  {
    name: '409 on the deployment',
    fault: { on: 'put-deployment', refused: 'deployment-active' },
    status: 200,
    reason: 'operation-in-progress',
    message: /active/i,
  },
  {
    name: '429',
    fault: { on: 'get-resource', refused: 'throttled' },
    status: 503,
    reason: 'azure-unavailable',
    message: /answered 429/,
  },
  {
    name: '429 on the PUT',
    fault: { on: 'put-deployment', refused: 'throttled', retryAfterSeconds: 3600 },
    status: 503,
    reason: 'azure-unavailable',
    message: /answered 429/,
  },
  {
    name: '500',
    fault: { on: 'get-deployment', refused: 'server-error' },
    status: 503,
    reason: 'azure-unavailable',
    message: /answered 500/,
  },
  {
    name: '500 on the PUT',
    fault: { on: 'put-deployment', refused: 'server-error' },
    status: 503,
    reason: 'azure-unavailable',
    message: /answered 500/,
  },
  {
    name: 'truncated JSON',
    fault: { on: 'get-resource', malformed: true },
    status: 503,
    reason: 'azure-unavailable',
    message: /no usable answer/,
  },
  {
    name: 'truncated JSON after the PUT',
    fault: { on: 'put-deployment', malformed: true },
    status: 202,
    reason: 'scaling-out',
    message: /grows/,
    deploys: true,
  },
  {
    name: 'truncated JSON at the first poll',
    fault: { on: 'get-operation-status', malformed: true },
    status: 202,
    reason: 'scaling-out',
    message: /grows/,
    deploys: true,
  },
  {
    name: '500 at the first poll',
    fault: { on: 'get-operation-status', refused: 'server-error' },
    status: 202,
    reason: 'scaling-out',
    message: /grows/,
    deploys: true,
  },
  {
    name: 'no answer to a read',
    fault: { on: 'get-resource', silent: 'before' },
    status: 503,
    reason: 'azure-unavailable',
    message: /no answer within 5 s/,
  },
  {
    name: 'no answer to the PUT, which was not accepted',
    fault: { on: 'put-deployment', silent: 'before' },
    status: 503,
    reason: 'azure-unavailable',
    message: /no answer within 7 s/,
  },
  {
    name: 'no answer to the PUT, which was accepted',
    fault: { on: 'put-deployment', silent: 'after' },
    status: 202,
    reason: 'scaling-out',
    message: /grows/,
    deploys: true,
  },
  {
    name: 'no answer to the first poll',
    fault: { on: 'get-operation-status', silent: 'before' },
    status: 202,
    reason: 'scaling-out',
    message: /grows/,
    deploys: true,
  },
  {
    name: 'a deployment that fails at once',
    fault: { on: 'deployment', fails: 'at-once', because: 'quota-exceeded' },
    status: 502,
    reason: 'azure-refused',
    message: /failed at once: QuotaExceeded: .* \(ask Azure for more vCores/,
  },
  {
    name: 'a deployment that finds the cluster busy',
    fault: { on: 'deployment', fails: 'at-once', because: 'server-is-busy' },
    status: 200,
    reason: 'operation-in-progress',
    message: /^Azure is busy with another operation on the cluster: ServerIsBusy: /,
  },
]
