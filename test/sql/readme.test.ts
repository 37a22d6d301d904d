import assert from 'node:assert/strict'
import { execFile, spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { inspectPoolServer, readVersions } from '../../src/citus/pool-server.ts'
import { startPoolServers } from '../../src/local/pool-servers.ts'
import { databaseOf } from '../citus/database-of.ts'
import { connect, createDatabase } from '../database.ts'
import { useOwnServer } from '../database.ts'

useOwnServer()

const run = promisify(execFile)
const root = new URL('../../', import.meta.url)
const readme = readFileSync(new URL('sql/README.md', root), 'utf8')

/** The code blocks of a language under a heading. */
function blocksUnder(heading: string, language: string): string[] {
  const section = readme.split(/^## /m).find((part) => part.startsWith(heading)) ?? ''
  return [...section.matchAll(/^```(\w+)\n(.*?)^```/gms)].flatMap(([, of, text = '']) =>
    of === language ? [text] : [],
  )
}
const only = ([block, ...others]: string[]): string => {
  assert.deepEqual(others, [])
  return block ?? ''
}

const noPsql = spawnSync('psql', ['--version']).error ? 'psql is not installed' : false

test(
  'the commands of the README install the schema, make working logins, and remove the schema',
  { skip: noPsql },
  async (t) => {
    const { url, sql, drop } = await createDatabase({ bare: true })
    t.after(drop)
    const shell = (commands: string) =>
      run('bash', ['-euc', commands], { cwd: root, env: { ...process.env, PG_CONNECTION_URL: url } })
    const schema = async () =>
      (await sql<{ schema: string | null }[]>`SELECT to_regnamespace('autoscaler') AS schema`)[0]?.schema
    const install = only(blocksUnder('Install', 'sh'))
    await shell(install)
    await shell(install)
    assert.equal(await schema(), 'autoscaler')

    await sql.unsafe(only(blocksUnder('Roles', 'sql')))
    const urlOf = (user: string, password: string) =>
      Object.assign(new URL(url), { username: user, password: encodeURIComponent(password) }).href
    for (const [as, question] of [
      [urlOf('autoscaler', 'a long one'), `SELECT autoscaler.read_cluster('by_shard_count')`],
      [urlOf('grafana', 'another one'), 'SELECT * FROM autoscaler.settled'],
    ] as const) {
      const login = connect(as, { max: 1 })
      await login.unsafe(question).finally(() => login.end())
    }

    await shell(only(blocksUnder('Remove', 'sh')))
    assert.equal(await schema(), null)
  },
)

test('the login that the README makes on a server of the pool can inspect it', async (t) => {
  const { url, sql, drop } = await createDatabase()
  t.after(drop)
  const pool = await startPoolServers(url, 1)
  t.after(pool.stop)
  const host = pool.addresses[0] ?? ''
  const server = connect(Object.assign(new URL(url), { host }).href, { max: 1 })
  await server.unsafe(only(blocksUnder('Servers of the pool', 'sql'))).finally(() => server.end())
  const asLogin = Object.assign(new URL(url), { username: 'autoscaler', password: 'a%20long%20one' }).href
  const [name = '', port] = host.split(':')
  const address = { host: name, port: Number(port) }
  assert.equal(await inspectPoolServer(address, databaseOf(asLogin), await readVersions(sql)), undefined)
})

test('every file that the README names exists', () => {
  const named = [...readme.matchAll(/`([\w-]+\.sql|pgbench\/)`/g)].map(([, path = '']) => path)
  assert.ok(named.length > 5)
  for (const path of named) assert.ok(existsSync(new URL(`sql/${path}`, root)), path)
})
