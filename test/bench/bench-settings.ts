/** The app settings of the benchmarks: paused, so that notifications are held without a cluster. */
export const benchSettings = {
  AUTOSCALE_MODE: 'paused',
  CLUSTER_NAME: 'demo', // the label cluster of the notification
  AZURE_SUBSCRIPTION_ID: 'bench',
  AZURE_RESOURCE_GROUP: 'bench',
  PG_CONNECTION_URL: 'postgres://bench@127.0.0.1/bench',
}

/** The secret of the signed notifications. */
export const benchSecret = 'bench'
