import assert from 'node:assert/strict'
import { execFile, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { chmod, mkdtemp, readdir, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import { createInterface } from 'node:readline'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { listen } from '../../src/local/listen.ts'
import { onlyInFull } from '../in-full.ts'

/** Runs the command of `npm start` without npm. */
function start(args: string[], temporary = tmpdir()) {
  const child = spawn(process.execPath, ['src/local/start.ts', ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, TMPDIR: temporary },
  })
  const lines: string[] = []
  const waiting: { pattern: RegExp; found: (line: string) => void }[] = []
  for (const stream of [child.stdout, child.stderr])
    createInterface(stream).on('line', (line) => {
      lines.push(line)
      for (const { pattern, found } of waiting) if (pattern.test(line)) found(line)
    })
  const ended = once(child, 'close').then(([code]: (number | null)[]) => code)
  return {
    child,
    lines,
    ended,
    /** Rejects when the process ends without such a line. */
    line: (pattern: RegExp) =>
      new Promise<string>((resolve, reject) => {
        waiting.push({ pattern, found: resolve })
        void ended.then(() => reject(new Error(`no line like ${String(pattern)} in\n${lines.join('\n')}`)))
      }),
  }
}

for (const { kind, grown, last, skip } of [
  {
    kind: 'cosmosdb-postgresql',
    grown: 'The cluster grows from 2 workers to 3',
    last: 'worker-3:5432',
    skip: onlyInFull,
  },
  {
    kind: 'elastic-cluster',
    grown: 'The cluster grows from 2 workers to 3',
    last: 'worker-2:5432',
    skip: onlyInFull,
  },
  { kind: 'citus', grown: 'The cluster has grown from 2 to 3 workers', last: '127.0.0.1:\\d+' },
])
  test(
    `the whole loop, ${kind}: alert in, workers out, shards spread, load relieved`,
    { timeout: 120_000, skip: skip ?? false },
    async () => {
      const { lines, ended } = start(['--once', '--port', '0', '--kind', kind])
      assert.equal(await ended, 0, lines.join('\n'))
      const text = lines.join('\n')
      const expected = [
        /alert .*CPU of the workers is above 95 %: alerting, mean 96 %/,
        /POST +\S*scale-out/,
        new RegExp(`202 started, scaling-out: ${grown}`),
        /POST +\S*rebalance: .*more workers have come/,
        /202 started, rebalancing/,
        new RegExp(`${last} +10 shard groups .* 60 %\n.*relieved`),
      ]
      const places = expected.map((part) => text.search(part))
      assert.ok(
        places.every((place) => place >= 0),
        `missing: ${expected.filter((_, i) => places[i] === -1).join(', ')}\n${text}`,
      )
      assert.deepEqual(
        [...places].sort((a, b) => a - b),
        places,
        text,
      )
      // If workers come at once, their mean is low before the last shard has moved.
      assert.match(text, /CPU of the \w+ is high: normal[^]*relieved/)
      assert.equal(text.match(/202 started, scaling-out/g)?.length, 1)
      assert.equal(text.match(/202 started, rebalancing/g)?.length, 1)
      assert.doesNotMatch(text, /^ *[\d:]+ +error /m)
    },
  )

const run = promisify(execFile)
const noCurl = spawnSync('curl', ['--version']).error ? 'curl is not installed on this machine' : false

test(
  'it answers the curl commands of the README, and Ctrl-C ends it without leaving processes or files',
  { skip: noCurl, timeout: 60_000 },
  async (t) => {
    // A separate folder, accessible to the user that PostgreSQL runs as when we are root.
    const temporary = await mkdtemp(join(tmpdir(), 'start-test-'))
    await chmod(temporary, 0o1777)
    t.after(() => rm(temporary, { recursive: true }))
    const { child, line, lines, ended } = start(['--port', '0'], temporary)
    const url = /http:\S+(?=\/api)/.exec(await line(/^The functions: /))?.[0] ?? ''
    const curls = readFileSync('README.md', 'utf8').match(/^curl .*$/gm) ?? []
    assert.ok(curls.length >= 4)
    for (const command of curls) {
      const { stdout } = await run('bash', ['-c', command.replace('http://localhost:7071', url)])
      assert.match(
        stdout,
        command.includes('/try/') ? /"message":/ : /^\{"outcome":"\w+","reason":"[\w-]+","message":/,
        command,
      )
    }
    assert.match(await (await fetch(url)).text(), /<h1>citus-autoscaler</)
    assert.match(await (await fetch(`${url}/try/pause`, { method: 'POST' })).text(), /"on":true/)
    assert.match(await (await fetch(`${url}/api/status`)).text(), /"next":{"outcome":"held","reason":"paused"/)
    child.kill('SIGINT')
    assert.equal(await ended, 0, lines.join('\n'))
    assert.deepEqual(await readdir(temporary), [])
  },
)

test('a port in use is named, and nothing is left running', { timeout: 60_000 }, async (t) => {
  const taken = await listen(createServer(), 0)
  t.after(() => taken.close())
  const { port } = new URL(taken.url)
  const { lines, ended } = start(['--port', port])
  assert.equal(await ended, 1)
  assert.match(lines.join('\n'), new RegExp(`EADDRINUSE.*${port}.*--port`))
})

for (const args of [['--kind', 'mysql'], ['--port', 'x'], ['--unknown']])
  test(`wrong arguments are refused: ${args.join(' ')}`, async () => {
    const { lines, ended } = start(args)
    assert.equal(await ended, 1)
    assert.match(lines.join('\n'), /usage: npm start|Unknown option/)
  })
