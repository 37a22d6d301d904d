import { invalid } from './template/template-error.ts'

/** Where a template is deployed to. */
export type DeploymentTarget = { subscriptionId: string; resourceGroup: string; location: string }

export const groupPath = ({ subscriptionId, resourceGroup }: DeploymentTarget): string =>
  `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}`

/** The id of a resource of that type, such as `Provider/clusters/settings`, with one name per segment: `mine/this`. */
export function resourcePath(target: DeploymentTarget, type: string, name: string): string {
  const [provider, ...types] = type.split('/')
  const names = name.split('/')
  if (types.length !== names.length) {
    invalid(
      `The template resource '${name}' of type '${type}' has an invalid name. The name '${name}' contains '${names.length}' name segment(s) separated by '/', but '${types.length}' segment(s) were expected.`,
    )
  }
  return [groupPath(target), 'providers', provider, ...types.flatMap((part, index) => [part, names[index]])].join('/')
}
