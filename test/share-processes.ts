import { globSync, rmSync } from 'node:fs'
import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve, sep } from 'node:path'
import { pathToFileURL } from 'node:url'

/** These mostly wait: for limits of the product, or for programs that they start. So each has a process of its own, and starts first. */
const waiting = [
  'functions/entra',
  'functions/long-work',
  'functions/arm-faults',
  'citus/add-workers',
  'citus/refused-or-silent',
  'cluster/long-add',
  'local/start',
].map((name) => join('test', `${name}.test.ts`))

/** The folders with many test files, of which the first takes longest. The files of the others are few, and together one more process. */
const large = ['functions', 'grafana', 'local', 'simulation', 'sql', 'citus', 'cluster']

/**
 * All test files. Those of a folder are imported by one file and so share a process: half the time that a short test file takes is the start
 * of its process, and what runs for the first time there.
 */
export async function shareProcesses(): Promise<string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'citus-autoscaler-tests-'))
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  const others = globSync('test/**/*.test.ts').filter((file) => !waiting.includes(file))
  const byFolder = Map.groupBy(others.sort(), (file) => large.find((folder) => folder === file.split(sep)[1]))
  const [functions = [], ...shared] = [...large, undefined].map((folder) => byFolder.get(folder) ?? [])
  const written = [functions, ...waiting.map((file) => [file]), ...shared].map(async (files, index) => {
    // The runner starts them in the order of their names.
    const file = join(folder, `${String(index).padStart(2, '0')}.mjs`)
    await writeFile(file, files.map((each) => `import ${JSON.stringify(pathToFileURL(resolve(each)))}\n`).join(''))
    return file
  })
  return Promise.all(written)
}
