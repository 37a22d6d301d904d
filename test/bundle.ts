import { execFile } from 'node:child_process'
import { rmSync } from 'node:fs'
import { copyFile, mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** Builds what is deployed, and nothing else, into a folder of its own outside the project: `dist/`, host.json and package.json. */
export async function buildBundle(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'citus-autoscaler-bundle-'))
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  await run(process.execPath, ['esbuild.config.js', join(folder, 'dist')])
  for (const file of ['host.json', 'package.json']) await copyFile(file, join(folder, file))
  return folder
}

let own: Promise<string> | undefined

/** The one that test/run.ts has built, or one of this process's own when a test file is run by itself. */
export async function bundleFolder(): Promise<string> {
  return process.env.TEST_BUNDLE_FOLDER ?? (await (own ??= buildBundle()))
}
