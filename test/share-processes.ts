import { globSync, rmSync } from 'node:fs'
import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve, sep } from 'node:path'
import { pathToFileURL } from 'node:url'

/** These mostly wait: for limits of the product, or for programs that they start. So each runs beside the others. */
const waiting = [
  'functions/entra',
  'functions/long-work',
  'functions/arm-faults',
  'citus/add-workers',
  'citus/refused-or-silent',
  'cluster/long-add',
  'local/start',
  'prometheus/loop',
].map((name) => join('test', `${name}.test.ts`))

/**
 * All test files, the ones that wait first. Of the others, each folder has one file that imports them all: half the time that a short test
 * file takes is the start of its process, and what runs for the first time there.
 */
export async function shareProcesses(): Promise<string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'citus-autoscaler-tests-'))
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  const quick = globSync('test/**/*.test.ts').filter((file) => !waiting.includes(file))
  const byFolder = Map.groupBy(quick.sort(), (file) => file.split(sep).slice(1, -1)[0] ?? 'test')
  const written = [...byFolder].map(async ([name, files]) => {
    const file = join(folder, `${name}.mjs`)
    await writeFile(file, files.map((each) => `import ${JSON.stringify(pathToFileURL(resolve(each)))}\n`).join(''))
    return file
  })
  return [...waiting, ...(await Promise.all(written))]
}
