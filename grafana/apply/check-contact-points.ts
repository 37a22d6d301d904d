import * as z from 'zod'
import type { Finding } from './finding.ts'
import { expandContactPoint, type ContactPoint } from './alerting-file.ts'
import { contactPointsIn } from './contact-points.ts'
import { differences } from './differences.ts'
import { MissingVariables, type Variables } from './expand-variables.ts'
import type { GrafanaApi } from './grafana-api.ts'
import { jsonSchema } from './json.ts'

const receiversSchema = z.array(
  z.looseObject({
    name: z.string(),
    integrations: z
      .array(
        z.looseObject({ lastNotifyAttempt: z.string().default(''), lastNotifyAttemptError: z.string().default('') }),
      )
      .nullish(),
  }),
)

/** Checks that the contact points exist and have the right addresses, and how the last notification of each ended. */
export async function checkContactPoints(
  api: GrafanaApi,
  points: readonly ContactPoint[],
  variables: Variables,
): Promise<Finding[]> {
  const stored = await contactPointsIn(api)
  const last = await lastNotifications(api)
  return points.flatMap((point) =>
    point.receivers.map(({ uid }, index): Finding => {
      const name = `contact point ${point.name}`
      const current = stored.find((candidate) => candidate.uid === uid)
      if (!current) return { name, problem: 'it is not there: apply first' }
      const wrong = differing(point, index, current, variables)
      if (wrong.length > 0) return { name, problem: `it is not as the files say (${wrong.join(', ')}): apply again` }
      const attempt = last?.get(point.name)
      if (attempt?.error) return { name, problem: `its last notification, at ${attempt.at}, failed: ${attempt.error}` }
      if (last === undefined) return { name, note: 'this Grafana does not tell how its last notification went' }
      return {
        name,
        note: attempt
          ? `its last notification, at ${attempt.at}, arrived`
          : 'it has notified nobody yet: press Test there to see that it arrives',
      }
    }),
  )
}

/** A value whose variable is not set here can't be compared. */
function differing(
  point: ContactPoint,
  index: number,
  current: z.infer<typeof jsonSchema>,
  variables: Variables,
): string[] {
  try {
    const { name, receivers } = expandContactPoint(point, variables)
    return differences(current, jsonSchema.parse({ name, ...receivers[index] }))
  } catch (error) {
    if (error instanceof MissingVariables) return []
    throw error
  }
}

// Grafana gives the year 1 for a notification that was never tried.
async function lastNotifications(api: GrafanaApi) {
  const { status, json } = await api.ask('/api/alertmanager/grafana/config/api/v1/receivers')
  const parsed = receiversSchema.safeParse(json)
  if (status !== 200 || !parsed.success) return undefined
  const attempts = parsed.data.flatMap(({ name, integrations }) =>
    (integrations ?? [])
      .filter(({ lastNotifyAttempt: at }) => at !== '' && !at.startsWith('0001-'))
      .map((one) => [name, { at: one.lastNotifyAttempt, error: one.lastNotifyAttemptError }] as const),
  )
  return new Map(attempts)
}
