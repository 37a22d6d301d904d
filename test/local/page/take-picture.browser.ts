import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'

const run = promisify(execFile)

test('take-picture.ts writes a PNG of the page', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'picture-'))
  t.after(() => rm(folder, { recursive: true }))
  const file = join(folder, 'loop.png')
  await run(process.execPath, ['src/local/page/take-picture.ts', file])
  const png = await readFile(file)
  assert.equal(png.toString('latin1', 1, 4), 'PNG')
  assert.deepEqual([png.readUInt32BE(16), png.readUInt32BE(20)], [1280, 1080])
})
