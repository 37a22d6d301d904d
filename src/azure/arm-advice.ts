// The first match counts. Codes: Azure's page on common deployment errors and the pages linked there. That a lock keeps ARM from deleting
// old deployments: Azure's page on automatic deletions from the deployment history.
const advice: readonly (readonly [code: RegExp, advice: string])[] = [
  [
    /^(InvalidAuthenticationToken|InvalidAuthenticationTokenTenant|ExpiredAuthenticationToken|AuthenticationFailed)$/i,
    'check the managed identity and its tenant',
  ],
  [
    /^AuthorizationFailed$/i,
    'give the identity of the function app its role on the cluster and its resource group; a new role takes some minutes',
  ],
  [/^LinkedAuthorizationFailed$/i, 'give the identity of the function app rights on the linked resource that is named'],
  [
    /^RequestDisallowedByPolicy$/i,
    'a policy of Azure Policy forbids it: exempt the cluster from the policy, or change one of the two',
  ],
  [/^ScopeLocked$/i, 'remove the read-only lock on the cluster, its resource group or its subscription'],
  [/^ReadOnlyDisabledSubscription$/i, 'the subscription is disabled: its owner has to enable it'],
  [/^MissingSubscriptionRegistration$/i, 'register the resource provider that is named in the subscription'],
  [
    /^(ResourceNotFound|ResourceGroupNotFound|SubscriptionNotFound|InvalidSubscriptionId)$/i,
    'check CLUSTER_NAME, CLUSTER_KIND, AZURE_RESOURCE_GROUP and AZURE_SUBSCRIPTION_ID',
  ],
  [
    /^DeploymentQuotaExceeded$/i,
    'delete old deployments of the resource group, or remove the lock that keeps Azure from deleting them by itself',
  ],
  [/QuotaExceeded$/i, 'ask Azure for more vCores in this region, or lower SCALE_OUT_MAX_WORKERS'],
]

/** What to do about an error with that code, in parentheses; empty when there is no advice. */
export function armAdvice(code: string | undefined): string {
  const found = code && advice.find(([known]) => known.test(code))
  return found ? ` (${found[1]})` : ''
}
