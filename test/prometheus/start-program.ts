import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { until } from '../until.ts'

export type Program = { url: string; directory: string }

/**
 * Starts Prometheus or Alertmanager on a free port of 127.0.0.1, in a new directory with the given files. It ends with the test; if the
 * test's process is killed, the kernel ends it (setpriv, of Debian's util-linux).
 */
export async function startProgram(
  t: TestContext,
  program: string,
  flags: readonly string[],
  files: Record<string, string>,
): Promise<Program> {
  const directory = await mkdtemp(join(tmpdir(), `${program}-`))
  for (const [name, content] of Object.entries(files)) await writeFile(join(directory, name), content)
  const logFile = join(directory, 'log')
  const log = await open(logFile, 'w')
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', program, '--web.listen-address=127.0.0.1:0', ...flags], {
    cwd: directory,
    stdio: ['ignore', log.fd, log.fd],
  })
  const ended = once(child, 'exit')
  t.after(async () => {
    child.kill('SIGKILL')
    await ended
    await rm(directory, { recursive: true })
  })
  await log.close()
  const address = await until(`${program} listens`, async () => {
    const output = await readFile(logFile, 'utf8')
    if (child.exitCode !== null) throw new Error(`${program} ended with exit code ${child.exitCode}: ${output}`)
    return /msg="Listening on" address=(\S+)/.exec(output)?.[1]
  })
  return { url: `http://${address}`, directory }
}
