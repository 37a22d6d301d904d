import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { connect, startServer, templateDatabase } from '../database.ts'

const run = promisify(execFile)

const version = await run('openssl', ['version']).then(
  ({ stdout }) => stdout,
  () => undefined,
)
/** Why tests with TLS are skipped, or false. */
export const withoutOpenssl = version === undefined && 'openssl is not installed'

export type TlsPostgres = {
  /** The URL of a stand-in cluster of two workers, without `sslmode`. */
  url: string
  /** PEM of the private authority that signed the server's certificate, which is for 127.0.0.1 and not for localhost. */
  authority: string
  stop: () => Promise<void>
}

/** Starts a PostgreSQL with TLS. */
export async function startTlsPostgres(): Promise<TlsPostgres> {
  const { authority, certificate, key } = await makeCertificate()
  const server = await startServer()
  const url = Object.assign(new URL(server.url), { pathname: templateDatabase }).href
  const sql = connect(url, { max: 1 })
  try {
    // The server writes the files: it must own the key, and nobody else may read it.
    for (const [file, pem] of Object.entries({ 'server.crt': certificate, 'server.key': key })) {
      const lines = pem.trim().replaceAll('\n', "'), ('")
      await sql.unsafe(`COPY (VALUES ('${lines}')) TO PROGRAM 'umask 077; cat >${file}'`)
    }
    await sql`ALTER SYSTEM SET ssl = on`
    await sql`SELECT pg_reload_conf()`
  } finally {
    await sql.end()
  }
  return { url, authority, stop: server.stop }
}

async function makeCertificate() {
  const folder = await mkdtemp(join(tmpdir(), 'citus-autoscaler-tls-'))
  const make = (name: string, ...more: string[]) => {
    const flags = ['-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2']
    const files = ['-keyout', `${name}.key`, '-out', `${name}.crt`]
    return run('openssl', ['req', ...flags, ...files, ...more], { cwd: folder })
  }
  try {
    await make('authority', '-subj', '/CN=A private authority')
    const signed = ['-CA', 'authority.crt', '-CAkey', 'authority.key', '-addext', 'basicConstraints=CA:FALSE']
    await make('server', '-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1', ...signed)
    const read = (name: string) => readFile(join(folder, name), 'utf8')
    return {
      authority: await read('authority.crt'),
      certificate: await read('server.crt'),
      key: await read('server.key'),
    }
  } finally {
    await rm(folder, { recursive: true })
  }
}
