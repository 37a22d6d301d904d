import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { citusMajor, describeOnEachEngine, hear, type Cluster, type Said } from '../sql/engines.ts'

const cronHint = "Use cron format (e.g. 5 4 * * *), or interval format '[1-59] seconds'"
const start = `SELECT citus_rebalance_start('by_shard_count', shard_transfer_mode => 'block_writes')`

const tables = `
  CREATE TABLE public.probe_events (tenant bigint PRIMARY KEY, data text);
  CREATE TABLE public.probe_details (tenant bigint, id bigint, PRIMARY KEY (tenant, id));
  CREATE TABLE public.probe_names (name text PRIMARY KEY);
    CREATE TABLE public.probe_local (tenant bigint PRIMARY KEY);
  INSERT INTO public.probe_events VALUES (1, 'x');
  INSERT INTO public.probe_local VALUES (1)`

const unreachable = (node: string) =>
  `connection to the remote node ${node} failed with the following error: Connection refused\n` +
  '\tIs the server running on that host and accepting TCP/IP connections?'

const nontransactional = {
  code: 'XX000',
  message: 'do not add node in transaction block when the sync mode is nontransactional',
  hint: "add the node after SET citus.metadata_sync_mode TO 'transactional'",
}

// The statements run in this order on one cluster. The stand-in answers as Citus 13.
const refusals: { statement: string; as?: string; says: Said; before12?: Said }[] = [
  {
    statement: `SELECT citus_rebalance_start()`,
    says: { code: '00000', message: 'No tables to rebalance' },
  },
  {
    statement: `SELECT citus_rebalance_start('by_the_moon')`,
    says: { code: 'XX000', message: 'could not find rebalance strategy with name by_the_moon' },
  },
  {
    statement: `SELECT citus_rebalance_stop()`,
    says: { code: 'XX000', message: 'no ongoing rebalance that can be stopped' },
  },
  {
    statement: `SELECT create_distributed_table('public.probe_events', 'nope')`,
    says: { code: '42703', message: 'column "nope" of relation "probe_events" does not exist' },
  },
  {
    statement: `SELECT create_distributed_table('public.probe_nowhere', 'id')`,
    says: { code: '42P01', message: 'relation "public.probe_nowhere" does not exist' },
  },
  {
    statement: `SELECT create_distributed_table('public.probe_events', 'tenant', shard_count => 4, colocate_with => 'none')`,
    says: {
      code: '00000',
      message: 'copying the data has completed',
      detail: 'The local data in the table is no longer visible, but is still on disk.',
      hint: 'To remove the local data, run: SELECT truncate_local_data_after_distributing_table($$public.probe_events$$)',
    },
  },
  {
    statement: `SELECT create_distributed_table('public.probe_events', 'tenant')`,
    says: { code: '42P16', message: 'table "probe_events" is already distributed' },
  },
  {
    statement: `SELECT create_distributed_table('public.probe_names', 'name', colocate_with => 'public.probe_events')`,
    says: {
      code: 'XX000',
      message: 'cannot colocate tables probe_events and probe_names',
      detail: "Distribution column types don't match for probe_events and probe_names.",
    },
  },
  {
    statement: `SELECT create_distributed_table('public.probe_details', 'tenant', colocate_with => 'public.probe_local')`,
    says: { code: 'XX000', message: 'relation probe_local is not distributed' },
  },
  {
    statement: `SELECT create_reference_table('public.probe_events')`,
    says: { code: '42P16', message: 'table "probe_events" is already distributed' },
  },
  {
    statement: `SELECT create_distributed_table('public.probe_local', 'tenant')`,
    as: 'probe_stranger',
    says: { code: '42501', message: 'must be owner of table probe_local' },
  },
  {
    statement: start,
    says: { code: '00000', message: 'No moves available for rebalancing' },
  },
  { statement: start, as: 'probe_stranger', says: { code: '42501', message: 'must be owner of table probe_events' } },
  {
    statement: `SELECT * FROM citus_stat_tenants`,
    as: 'probe_stranger',
    says: { code: '42501', message: 'permission denied for view citus_stat_tenants' },
  },
  {
    statement: `SELECT 'auto'::shard_transfer_mode`,
    as: 'probe_stranger',
    says: { code: '42704', message: 'type "shard_transfer_mode" does not exist' },
  },
  {
    statement: `SELECT citus_add_node('127.0.0.1', 1)`,
    as: 'probe_stranger',
    says: { code: '42501', message: 'permission denied for function citus_add_node' },
  },
  {
    statement: `SELECT citus_remove_node('127.0.0.1', 1)`,
    as: 'probe_stranger',
    says: { code: '42501', message: 'permission denied for function citus_remove_node' },
  },
  {
    statement: `SELECT citus_add_node('127.0.0.1', 1)`,
    says: { code: '08006', message: unreachable('USER@127.0.0.1:1') },
    before12: { code: '08006', message: unreachable('127.0.0.1:1') },
  },
  {
    statement: `SET citus.metadata_sync_mode = 'nontransactional'; SELECT citus_add_node('127.0.0.1', 1)`,
    says: nontransactional,
  },
  {
    statement: `SET citus.metadata_sync_mode = 'nontransactional'; DO $$ BEGIN PERFORM citus_add_node('127.0.0.1', 1); END $$`,
    says: nontransactional,
  },
  {
    statement: `SELECT citus_remove_node('127.0.0.1', 1)`,
    says: { code: 'XX000', message: 'node at "127.0.0.1:1" does not exist' },
  },
  {
    statement: `SELECT citus_set_node_property('127.0.0.1', 1, 'shouldhaveshards', true)`,
    says: { code: 'XX000', message: 'node at "127.0.0.1:1" does not exist' },
  },
  {
    statement: `SELECT citus_set_node_property(nodename, nodeport, 'color', true) FROM pg_dist_node LIMIT 1`,
    says: { code: 'XX000', message: "only the 'shouldhaveshards' property can be set using this function" },
  },
  {
    statement: `SELECT cron.schedule('probe', '60 seconds', 'SELECT 1')`,
    says: { code: '22023', message: 'invalid schedule: 60 seconds', hint: cronHint },
  },
  {
    statement: `SELECT cron.schedule('probe', '0 seconds', 'SELECT 1')`,
    says: { code: '22023', message: 'invalid schedule: 0 seconds', hint: cronHint },
  },
  {
    statement: `SELECT cron.schedule('probe', '* * * *', 'SELECT 1')`,
    says: { code: '22023', message: 'invalid schedule: * * * *', hint: cronHint },
  },
  {
    statement: `SELECT cron.schedule(NULL, '5 seconds', 'SELECT 1')`,
    says: { code: 'XX000', message: 'job_name can not be NULL' },
  },
  {
    statement: `SELECT cron.unschedule('probe')`,
    says: { code: 'XX000', message: "could not find valid entry for job 'probe'" },
  },
  {
    statement: `SELECT cron.unschedule(0)`,
    says: { code: 'XX000', message: 'could not find valid entry for job 0' },
  },
  {
    statement: `SELECT cron.schedule('probe', '5 seconds', 'SELECT 1')`,
    as: 'probe_stranger',
    says: { code: '42501', message: 'permission denied for schema cron' },
  },
]

describeOnEachEngine('what Citus says', (open) => {
  let cluster: Cluster
  let isBefore12: boolean
  before(async () => {
    cluster = await open()
    isBefore12 = (await citusMajor(cluster.sql)) < 12
    await cluster.sql.unsafe(tables)
    await cluster.sql`CREATE ROLE probe_stranger`
  })
  after(async () => {
    try {
      await cluster.sql`DROP TABLE public.probe_details, public.probe_names, public.probe_local`
      await cluster.sql`DROP ROLE probe_stranger`
    } finally {
      await cluster.close()
    }
  })

  for (const { statement, as, says, before12 = says } of refusals) {
    test(as ? `${statement} as a role without rights` : statement, async () => {
      const { message, ...rest } = isBefore12 ? before12 : says
      const said = message?.replace('USER', new URL(cluster.url).username)
      assert.deepEqual(await hear(cluster.url, statement, as), said === undefined ? rest : { ...rest, message: said })
    })
  }
})
