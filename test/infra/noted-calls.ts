import { execFile } from 'node:child_process'
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

// The output of each fake tool, which only records its call and arguments.
const tools: Record<string, string> = {
  az: 'echo from-az,older',
  azd: '[[ "$*" != "env get-values" ]] || env | grep -E "^(AUTOSCALER|GRAFANA)_" | sed -E \'s/=(.*)/="\\1"/\'',
  curl: 'echo from-curl',
  func: '',
  npm: 'env | grep -E "^(AUTOSCALER_|AZURE_|CLUSTER_NAME)" | sort >>"$CALLS"',
  psql: '',
}

/**
 * Runs commands in bash as if pasted, with fake tools that record their calls: `tool [argument] [argument]`, and after npm the variables
 * that it would have read. Fails when bash fails, or when a variable is not set.
 */
export async function notedCalls(commands: string, environment: Record<string, string>): Promise<string[]> {
  const folder = await mkdtemp(path.join(tmpdir(), 'citus-autoscaler-tools-'))
  try {
    for (const [tool, answer] of Object.entries(tools)) {
      const note = `{ printf '%s' ${tool}; printf ' [%s]' "$@"; echo; } >>"$CALLS"`
      await writeFile(path.join(folder, tool), `#!/usr/bin/env bash\n${note}\n${answer}\nexit 0\n`)
      await chmod(path.join(folder, tool), 0o755)
    }
    const calls = path.join(folder, 'calls')
    await writeFile(calls, '')
    const env = { ...environment, PATH: `${folder}:${process.env.PATH}`, CALLS: calls }
    const { stderr } = await run('bash', ['--norc', '-euo', 'pipefail', '-c', commands], { env })
    if (stderr) throw new Error(stderr)
    return (await readFile(calls, 'utf8')).trim().split('\n')
  } finally {
    await rm(folder, { recursive: true })
  }
}
