import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { promisify } from 'node:util'
import { runCommand } from '../../src/simulation/run-command.ts'
import { onlyInFull } from '../in-full.ts'

const folder = new URL('../../src/simulation/', import.meta.url)
const readme = await readFile(new URL('README.md', folder), 'utf8')

let directory = ''
before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'simulate-'))
})
after(() => rm(directory, { recursive: true }))

async function run(argv: readonly string[]): Promise<string> {
  const lines: string[] = []
  await runCommand(argv, {}, { log: (line) => lines.push(line), error: () => undefined })
  return lines.join('\n')
}

/** The block of the README after a command, with its output. */
function blockAfter(command: string): string {
  const found = new RegExp(`^\`${command}\`:\\n\\n(?:\`\`\`\\n([^]*?)\\n\`\`\`|((?:\\|.*\\n)+))`, 'm').exec(readme)
  assert.ok(found, `README.md has no output of ${command}`)
  return found[1] ?? found[2] ?? ''
}

/** Prettier pads the cells of tables. */
const cellsOf = (text: string) =>
  text
    .split('\n')
    .filter((line) => line.startsWith('|') && !/^[|: -]+$/.test(line))
    .map((line) => line.split('|').map((cell) => cell.trim()))

test('the picture and the table of a month in the README are those that the command makes now', async () => {
  const file = join(directory, 'month.svg')
  const text = await run(['--load', 'weeks', '--plot', file])
  assert.equal(await readFile(file, 'utf8'), await readFile(new URL('month.svg', folder), 'utf8'))
  assert.ok(text.startsWith(blockAfter('npm run simulate -- --load weeks')))
})

/** Runs the command as a separate process. */
async function runApart(...argv: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--max-semi-space-size=64', 'src/simulation/simulate.ts', ...argv], // as in package.json
    { env: {} },
  )
  return stdout.trimEnd()
}

describe('checks of the README that take minutes', { skip: onlyInFull, concurrency: true }, () => {
  test('the table of the seeds not used for tuning is the one that the command prints now', async () => {
    const text = await runApart('--seeds', '101-112')
    assert.deepEqual(cellsOf(blockAfter('npm run simulate -- --seeds 101-112')), cellsOf(text))
    const [, claims = ''] = text.split('\n\n')
    assert.ok(readme.includes(`\`\`\`\n${claims}\n\`\`\``), `the claims are now:\n${claims}`)
  })

  test('the figures of 1,000 months are those that the command prints now', async () => {
    assert.equal(await runApart('--months', '1000'), blockAfter('npm run simulate -- --months 1000'))
  })
})
