// What is left to do once the resources are there, with the commands filled in. azd runs this after provisioning (azure.yaml) and hands
// over the environment's values and the outputs of main.bicep. It reads the names below and no others, so that no secret can be printed.
// Plain JavaScript without packages: it runs on the deployer's own Node, before anything is installed.

const required = [
  'AUTOSCALER_CLUSTER_KIND',
  'AUTOSCALER_IDENTITY',
  'AUTOSCALER_IDENTITY_OBJECT_ID',
  'AUTOSCALER_NAME',
  'AUTOSCALER_PG_AUTHENTICATION',
  'AUTOSCALER_RESOURCE_GROUP',
  'AUTOSCALER_URL',
  'AUTOSCALER_VAULT',
]
const optional = ['ALERT_EMAIL', 'AUTOSCALE_MODE', 'AUTOSCALER_CLUSTER_ID', 'AUTOSCALER_PRIVATE', 'GRAFANA_URL']

const missing = required.filter((name) => !process.env[name])
if (missing.length > 0) {
  console.error(`Not set: ${missing.join(', ')}. Run this through azd: azd hooks run postprovision`)
  process.exit(1)
}
const given = Object.fromEntries([...required, ...optional].map((name) => [name, process.env[name] ?? '']))
const [subscription = '', resourceGroup = '', cluster = ''] =
  /^\/subscriptions\/([^/]+)\/resourceGroups\/([^/]+)\/.*\/([^/]+)$/i.exec(given.AUTOSCALER_CLUSTER_ID)?.slice(1) ?? []

/** A word of a shell command. */
const word = (text) => (/^[\w@%+:,./=-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`)
const exported = (name, value) => (value ? [`export ${name}=${word(value)}`] : [])

const database = {
  title:
    'Prepare the database as the owner of the distributed tables: PG_CONNECTION_URL is then the URL of that owner.',
  commands: [
    'psql "$PG_CONNECTION_URL" -v ON_ERROR_STOP=1 -f sql/01-autoscaler.sql',
    'psql "$PG_CONNECTION_URL" -v ON_ERROR_STOP=1 -f sql/02-roles.sql',
  ],
}

/** Bicep cannot do this: only PostgreSQL itself can make the identity a role. */
const signIn = {
  'elastic-cluster': {
    title:
      "Make the functions' identity a role, as a Microsoft Entra administrator of the cluster (the last line again as the owner of the tables). The functions' own PG_CONNECTION_URL then has the user autoscaler and no password:",
    commands: [
      'export PGPASSWORD="$(az account get-access-token --resource-type oss-rdbms --query accessToken --output tsv)"',
      `psql "host=${cluster}.postgres.database.azure.com dbname=postgres user=YOU@YOUR-TENANT sslmode=require" -v ON_ERROR_STOP=1 \\`,
      `  -c "SELECT pgaadauth_create_principal_with_oid('autoscaler', '${given.AUTOSCALER_IDENTITY_OBJECT_ID}', 'service', false, false)"`,
      'unset PGPASSWORD',
      // From PostgreSQL 16 on, only the role's creator may grant it: the owner who ran 02-roles.sql.
      `psql "$PG_CONNECTION_URL" -c 'GRANT autoscaler_function TO autoscaler'`,
    ],
  },
  'cosmosdb-postgresql': {
    title: `Make the functions' identity a role: in the portal, Authentication, Microsoft Entra ID, add ${given.AUTOSCALER_IDENTITY} (object id ${given.AUTOSCALER_IDENTITY_OBJECT_ID}); PG_CONNECTION_URL then has that user and no password. It is not proven that such a role may rebalance the tables of citus: try it, or stay with PG_AUTHENTICATION=password. Then, as citus:`,
    commands: [`psql "$PG_CONNECTION_URL" -c 'GRANT autoscaler_function TO "${given.AUTOSCALER_IDENTITY}"'`],
  },
}[given.AUTOSCALER_PG_AUTHENTICATION === 'entra' ? given.AUTOSCALER_CLUSTER_KIND : '']

const grafana = {
  title: `Apply Grafana's rules and contact points. grafana/README.md lists the other variables (CITUS_HOST and so on). Without --dry-run it makes the changes:`,
  commands: [
    ...exported('AUTOSCALER_URL', given.AUTOSCALER_URL),
    `export AUTOSCALER_FUNCTION_KEY="$(az functionapp keys list --resource-group ${word(given.AUTOSCALER_RESOURCE_GROUP)} --name ${word(given.AUTOSCALER_NAME)} --query functionKeys.default --output tsv)"`,
    `export AUTOSCALER_WEBHOOK_SECRET="$(az keyvault secret show --vault-name ${word(given.AUTOSCALER_VAULT)} --name webhook-secrets --query value --output tsv | cut -d, -f1)"`,
    ...exported('AUTOSCALER_ALERT_EMAIL', given.ALERT_EMAIL),
    ...exported('AZURE_SUBSCRIPTION_ID', subscription),
    ...exported('AZURE_RESOURCE_GROUP', resourceGroup),
    ...exported('CLUSTER_NAME', cluster),
    given.GRAFANA_URL
      ? `npm run grafana -- --url ${word(given.GRAFANA_URL)} --entra --kind ${given.AUTOSCALER_CLUSTER_KIND} --dry-run`
      : `npm run grafana -- --url https://YOUR-GRAFANA --kind ${given.AUTOSCALER_CLUSTER_KIND} --dry-run`,
  ],
}

const status = {
  title: 'Check the functions, after they are deployed:',
  commands: [
    `curl --silent --header @<(echo "x-functions-key: $AUTOSCALER_FUNCTION_KEY") ${word(`${given.AUTOSCALER_URL}/api/status`)}`,
  ],
}

const steps = [database, signIn, grafana, status].filter((step) => step !== undefined)
console.log(`
The functions: ${given.AUTOSCALER_URL}, AUTOSCALE_MODE=${given.AUTOSCALE_MODE || 'on'}, resource group ${given.AUTOSCALER_RESOURCE_GROUP}.
Left to do, if not done yet, in bash (Azure Cloud Shell has it):
${steps.map(({ title, commands }, index) => `\n${index + 1}. ${title}\n\n${commands.map((line) => `   ${line}`).join('\n')}\n`).join('')}`)
if (given.GRAFANA_URL)
  console.log(
    'Azure Managed Grafana sends no mail until its mail server is set (portal: Settings, Configuration, Email Settings); grafana/README.md says how to test it.\n',
  )
if (given.AUTOSCALER_PRIVATE.toLowerCase() === 'true')
  console.log(
    'Cluster and vault can be reached only from the virtual network: infra/README.md, "Secure", says how to run these commands.\n',
  )
