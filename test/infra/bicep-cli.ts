import { execFile } from 'node:child_process'
import { cp, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { onlyInFull } from '../in-full.ts'

const run = promisify(execFile)
const bicep = process.env.BICEP

/** Why the tests that need the Bicep CLI are skipped; false when it is installed and all tests are to be run. */
export const skipWithoutBicep = onlyInFull || (bicep ? false : 'BICEP does not name the Bicep CLI; .ci/bicep brings it')

export type BicepFolder = {
  path: string
  /** Runs the CLI in the folder. Resolves with its output; rejects when it fails. */
  bicep: (args: string[], environment?: Record<string, string>) => Promise<{ stdout: string; stderr: string }>
  read: (file: string) => Promise<string>
  remove: () => Promise<void>
}

/** A copy of infra/ in a temporary folder, since the CLI writes its results beside its input. */
export async function copyOfInfra(): Promise<BicepFolder> {
  if (!bicep) throw new Error('the Bicep CLI is missing: set BICEP to its path, or let .ci/bicep bring it')
  const folder = await mkdtemp(path.join(tmpdir(), 'citus-autoscaler-infra-'))
  await cp('infra', folder, { recursive: true })
  return {
    path: folder,
    bicep: (args, environment = {}) => run(bicep, args, { cwd: folder, env: { ...process.env, ...environment } }),
    read: (file) => readFile(path.join(folder, file), 'utf8'),
    remove: () => rm(folder, { recursive: true }),
  }
}
