import { execFile } from 'node:child_process'
import { rmSync } from 'node:fs'
import { copyFile, mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** Builds exactly what is deployed (`dist/`, host.json, package.json) into a new folder outside the project. */
export async function buildBundle(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'citus-autoscaler-bundle-'))
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  await run(process.execPath, ['esbuild.config.js', join(folder, 'dist')])
  for (const file of ['host.json', 'package.json']) await copyFile(file, join(folder, file))
  return folder
}

let built: Promise<string> | undefined

/** The bundle that test/run.ts has built, or a new one when a test file runs without it. */
export async function bundleFolder(): Promise<string> {
  return process.env.TEST_BUNDLE_FOLDER ?? (await (built ??= buildBundle()))
}
