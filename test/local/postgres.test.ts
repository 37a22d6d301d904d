import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp, readdir, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { startPostgres } from '../../src/local/postgres.ts'
import { connect } from '../database.ts'
import { until } from '../until.ts'
import { onlyInFull } from '../in-full.ts'

describe('a PostgreSQL server', () => {
  // The servers of this file put their files here, so that leftovers can be detected.
  let directory: string
  const usual = tmpdir()
  before(async () => {
    directory = await mkdtemp(join(usual, 'test-postgres-'))
    await chmod(directory, 0o1777)
    process.env.TMPDIR = directory
  })
  after(async () => {
    process.env.TMPDIR = usual
    await rm(directory, { recursive: true })
  })

  test('listens on this machine only, needs a password, and leaves nothing behind after stop', async () => {
    const server = await startPostgres()
    const sql = connect(server.url)
    const [row] = await sql`
      SELECT current_user AS user, current_database() AS database, current_setting('listen_addresses') AS listens,
        current_setting('wal_level') AS wal_level, current_setting('server_version_num')::int / 10000 AS version`
    assert.deepEqual(
      { ...row },
      { user: 'citus', database: 'citus', listens: '127.0.0.1', wal_level: 'logical', version: 17 },
    )
    await sql.end()

    const withoutPassword = new URL(server.url)
    withoutPassword.password = 'wrong'
    const stranger = connect(withoutPassword.href)
    await assert.rejects(stranger`SELECT 1`, { code: '28P01' })
    await stranger.end()

    assert.equal((await readdir(directory)).length, 1)
    await server.stop()
    assert.deepEqual(await readdir(directory), [])
    const late = connect(server.url)
    await assert.rejects(late`SELECT 1`, { code: 'ECONNREFUSED' })
    await late.end()
  })

  test('a server starts from the template that another has kept, with its password and a port of its own', async () => {
    const password = 'kept'
    const first = await startPostgres({ password, template: 'keep' })
    const onFirst = connect(first.url)
    await onFirst`CREATE TABLE later ()`
    const second = await startPostgres({ password, template: first.template })
    const onSecond = connect(second.url)
    const [row] = await onSecond`SELECT to_regclass('later') AS later, current_setting('port') AS port`
    assert.deepEqual({ ...row }, { later: null, port: new URL(second.url).port })
    await Promise.all([onFirst.end(), onSecond.end()])
    await Promise.all([first.stop(), second.stop()])
    assert.deepEqual(await readdir(directory), [])
  })

  test('a port in use is named in the error, and nothing is left behind', async (t) => {
    const other = createServer().listen(0, '127.0.0.1')
    await once(other, 'listening')
    t.after(() => other.close())
    const address = other.address()
    assert.ok(typeof address === 'object' && address)
    await assert.rejects(startPostgres({ port: address.port }), (error: Error) => {
      assert.match(error.message, new RegExp(`did not start on port ${address.port}: .*`))
      assert.match(error.message, /Address already in use/)
      return true
    })
    await until('its files are gone', async () => (await readdir(directory)).length === 0)
  })

  for (const [how, ending, skip] of [
    ['is killed', `process.kill(process.pid, 'SIGKILL')`, false],
    ['is interrupted', `process.kill(process.pid, 'SIGINT')`, onlyInFull],
    ['ends without stopping it', '', onlyInFull],
  ] as const) {
    test(`a process that ${how} leaves no server and no files behind`, { skip }, async () => {
      const module = new URL('../../src/local/postgres.ts', import.meta.url).href
      const program = `const { startPostgres } = await import('${module}')
        console.log((await startPostgres()).url)
        ${ending}`
      const child = spawn(process.execPath, ['--input-type=module', '--eval', program], {
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      let url = ''
      child.stdout.setEncoding('utf8').on('data', (chunk) => (url += chunk))
      await once(child, 'close')
      assert.match(url, /^postgres:/)
      await until('its files are gone', async () => (await readdir(directory)).length === 0)
      const sql = connect(url.trim())
      await assert.rejects(sql`SELECT 1`, { code: 'ECONNREFUSED' })
      await sql.end()
    })
  }
})
