/** Every variable that the files of grafana/ name, as a user might set them. */
export const exampleVariables = {
  AUTOSCALER_URL: 'https://app.example.com',
  AUTOSCALER_FUNCTION_KEY: 'the-function-key',
  AUTOSCALER_WEBHOOK_SECRET: 'the-webhook-secret',
  AUTOSCALER_ALERT_EMAIL: 'someone@example.com',
  AZURE_SUBSCRIPTION_ID: 'the-subscription',
  AZURE_RESOURCE_GROUP: 'the-group',
  CLUSTER_NAME: 'the-cluster',
  CITUS_HOST: 'db.example.com',
  CITUS_PORT: '5432',
  CITUS_DATABASE: 'citus',
  CITUS_READER: 'reader',
  CITUS_READER_PASSWORD: 'the-$-password',
  PROMETHEUS_URL: 'http://prometheus.example.com:9090',
}
