/** The app settings that the benchmarks run with: paused, so that a notification is held without a cluster being there. */
export const benchSettings = {
  AUTOSCALE_MODE: 'paused',
  CLUSTER_NAME: 'demo', // whom the notification is for
  AZURE_SUBSCRIPTION_ID: 'bench',
  AZURE_RESOURCE_GROUP: 'bench',
  PG_CONNECTION_URL: 'postgres://bench@127.0.0.1/bench',
}

/** What the signed notifications are signed with. */
export const benchSecret = 'bench'
