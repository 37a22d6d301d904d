import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { TestContext } from 'node:test'
import { promisify } from 'node:util'
import { freePort, nobody } from '../../src/local/postgres.ts'

const run = promisify(execFile)

const version = await run('pgbouncer', ['--version']).then(
  ({ stdout }) => stdout,
  () => undefined,
)
/** Why tests with PgBouncer are skipped, or false. */
export const withoutPgBouncer = version === undefined && 'pgbouncer is not installed'

/**
 * Starts PgBouncer in front of the URL's database, for its user alone, otherwise configured as in Debian's package. Resolves with the URL of the
 * database through it.
 */
export async function startPgBouncer(t: TestContext, url: string, mode: 'session' | 'transaction'): Promise<string> {
  const { hostname, port: serverPort, pathname, username, password } = new URL(url)
  const port = await freePort()
  const folder = await mkdtemp(join(tmpdir(), 'citus-autoscaler-pgbouncer-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  const configuration = join(folder, 'pgbouncer.ini')
  await writeFile(join(folder, 'userlist.txt'), `"${username}" "${decodeURIComponent(password)}"\n`)
  await writeFile(
    configuration,
    `[databases]
${pathname.slice(1)} = host=${hostname} port=${serverPort}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = md5
auth_file = ${join(folder, 'userlist.txt')}
pool_mode = ${mode}
`,
  )
  const user = process.getuid?.() === 0 ? await nobody() : undefined
  if (user) await run('chown', ['-R', `${user.uid}:${user.gid}`, folder])
  const bouncer = spawn('pgbouncer', [configuration], { ...user, cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] })
  const exited = once(bouncer, 'exit')
  t.after(async () => {
    bouncer.kill('SIGKILL')
    await exited
  })
  const lines: string[] = []
  for await (const line of createInterface(bouncer.stderr)) {
    lines.push(line)
    if (line.includes('process up')) break
  }
  if (!lines.at(-1)?.includes('process up')) throw new Error(`PgBouncer did not start: ${lines.join('\n')}`)
  bouncer.stderr.resume()
  return Object.assign(new URL(url), { host: `127.0.0.1:${port}` }).href
}
