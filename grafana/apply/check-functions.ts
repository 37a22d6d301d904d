import * as z from 'zod'
import type { ClusterKind } from '../../src/settings.ts'
import type { Finding } from './finding.ts'
import type { Variables } from './expand-variables.ts'
import { call } from './http-call.ts'

const answerSchema = z.looseObject({
  reason: z.string(),
  message: z.string(),
  warnings: z.array(z.string()).default([]),
  next: z.looseObject({ outcome: z.string() }).nullish(),
  cluster: z.looseObject({ name: z.string(), kind: z.string().optional() }).nullish(),
})

/** Calls the function `status` with the address and key of the contact points, and checks that it has the same cluster. */
export async function checkFunctions(kind: ClusterKind, variables: Variables): Promise<Finding[]> {
  const { AUTOSCALER_URL: url, AUTOSCALER_FUNCTION_KEY: key, CLUSTER_NAME: cluster } = variables
  const name = 'function status'
  if (!url) return [{ name, problem: 'AUTOSCALER_URL is not set: it was not asked' }]
  const headers: Record<string, string> = key ? { 'x-functions-key': key } : {}
  const { status, json } = await call('GET', `${url.replace(/\/+$/, '')}/api/status`, { headers })
  const answer = answerSchema.safeParse(json)
  if (!answer.success) return [{ name, problem: `it answered ${status}${hint(status)}` }]
  const { message, warnings } = answer.data
  if (status !== 200) return [{ name, problem: `it answered ${status} ${answer.data.reason}: ${message}` }]
  const app = answer.data.cluster
  if (cluster && app && app.name !== cluster)
    return [
      { name, problem: `the app's CLUSTER_NAME is ${app.name}, here it is ${cluster}: it would ignore every alert` },
    ]
  if (app?.kind !== undefined && app.kind !== kind)
    return [
      { name, problem: `the app's CLUSTER_KIND is ${app.kind}, here it is ${kind}: apply with --kind ${app.kind}` },
    ]
  // The answer is 200 even if Azure or the database refuses.
  const told = answer.data.next?.outcome === 'failed' ? { name, problem: message } : { name, note: message }
  return [told, ...warnings.map((warning) => ({ name, problem: warning }))]
}

function hint(status: number): string {
  if (status === 401 || status === 403) return ': AUTOSCALER_FUNCTION_KEY is missing or wrong'
  if (status === 404) return ': is AUTOSCALER_URL the function app, without /api?'
  return ' and not what the function says: is AUTOSCALER_URL the function app?'
}
