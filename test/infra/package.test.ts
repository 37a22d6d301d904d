import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { copyFile, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, before, describe, test } from 'node:test'
import { promisify } from 'node:util'

const run = promisify(execFile)

// Files that may exist in a folder that somebody deploys from.
const notForAzure = [
  '.azure/prod/.env',
  '.env',
  '.github/workflows/ci.yml',
  'dist.zip',
  'infra/main.bicep',
  'infra/package.json',
  'local.settings.json',
  'node_modules/.bin/node',
  'node_modules/host.json',
  'node_modules/zod/package.json',
  'package-lock.json',
  'src/dist/main.cjs',
  'src/main.ts',
]

describe('the package that azd and func upload', () => {
  let folder: string
  // Both read .funcignore as git reads .gitignore, so git can list what is uploaded.
  const git = (...args: string[]) =>
    run('git', ['-c', `core.excludesFile=${path.join(folder, '.funcignore')}`, ...args], { cwd: folder })

  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'citus-autoscaler-package-'))
    for (const file of notForAzure) {
      await mkdir(path.dirname(path.join(folder, file)), { recursive: true })
      await writeFile(path.join(folder, file), '')
    }
    for (const file of ['.funcignore', 'host.json', 'package.json']) await copyFile(file, path.join(folder, file))
    await run('npm', ['run', 'build', '--', path.join(folder, 'dist')])
    await git('init', '--quiet')
  })
  after(() => rm(folder, { recursive: true }))

  test('has dist/, host.json and package.json, and less than 1 MB before compression', async () => {
    const { stdout } = await git('ls-files', '--others', '--exclude-standard')
    const files = stdout.trim().split('\n').sort()
    const others = files.filter((file) => !/^dist\/[\w-]+\.cjs$/.test(file))
    assert.deepEqual(others, ['host.json', 'package.json'])
    assert.ok(files.includes('dist/main.cjs'))
    const sizes = await Promise.all(files.map(async (file) => (await stat(path.join(folder, file))).size))
    const total = sizes.reduce((sum, size) => sum + size, 0)
    assert.ok(total < 1_000_000, `${total} bytes`)
  })

  test('does not ignore node_modules, since azd then refuses `remoteBuild: false`', async () => {
    assert.match(await readFile('azure.yaml', 'utf8'), /^ {4}remoteBuild: false$/m)
    // check-ignore exits with 1 when none of its arguments is ignored.
    await assert.rejects(git('check-ignore', '--quiet', 'node_modules'), { code: 1 })
  })
})
