import * as z from 'zod'
import type { Predicted } from './snapshot.ts'

/** A role assignment: `scope` is the id of the resource or resource group, `role` the id of the role definition. */
export type RoleAssignment = { scope: string; role: string }

/** The role assignments of a deployment. Their ids depend on the identity's id, which only Azure knows; their scopes don't. */
export const roleAssignments = (predicted: Predicted): RoleAssignment[] =>
  predicted
    .all('Authorization/roleAssignments')
    .map(({ id, properties }) => ({ scope: scopeOf(id), role: String(properties.roleDefinitionId) }))

function scopeOf(id: string): string {
  const onResource = /^\[extensionResourceId\('(?<scope>[^']+)', 'Microsoft\.Authorization\/roleAssignments'/.exec(id)
  if (onResource?.groups?.scope) return onResource.groups.scope
  const onGroup = /^\[resourceId\('(?<subscription>[^']+)', '(?<group>[^']+)', 'Microsoft\.Authorization/.exec(
    id,
  )?.groups
  if (onGroup) return `/subscriptions/${onGroup.subscription}/resourceGroups/${onGroup.group}`
  throw new Error(`no scope to be read from ${id}`)
}

const permissionsSchema = z.object({
  permissions: z.tuple([z.object({ actions: z.array(z.string()), notActions: z.array(z.string()).default([]) })]),
})

/** `*` stands for any text, slashes included: https://learn.microsoft.com/azure/role-based-access-control/role-definitions */
export const matches = (pattern: string, action: string) =>
  new RegExp(`^${pattern.replaceAll('.', '\\.').replaceAll('*', '.*')}$`, 'i').test(action)

/** The permissions of the roles that the deployment defines, by role definition id. */
export const permissions = (predicted: Predicted) =>
  new Map(
    predicted
      .all('Authorization/roleDefinitions')
      .map(({ id, properties }) => [id, permissionsSchema.parse(properties).permissions[0]]),
  )

/** Whether a role that the deployment defines, assigned at the resource or above it, allows an action there. */
export function allows(predicted: Predicted, action: string, resource: string): boolean {
  const definitions = permissions(predicted)
  return roleAssignments(predicted).some(({ scope, role }) => {
    const { actions = [], notActions = [] } = definitions.get(role) ?? {}
    const covered = `${resource}/`.toLowerCase().startsWith(`${scope}/`.toLowerCase())
    const named = (patterns: string[]) => patterns.some((pattern) => matches(pattern, action))
    return covered && named(actions) && !named(notActions)
  })
}
