import assert from 'node:assert/strict'
import { glob, readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { before, test } from 'node:test'
import { preProcessFile } from 'typescript'

const root = join(import.meta.dirname, '..')

/** What each file imports from this repository, types included. */
const imports = new Map<string, string[]>()

before(async () => {
  for await (const file of glob('{src,grafana,infra}/**/*.ts', { cwd: root })) {
    const { importedFiles } = preProcessFile(await readFile(join(root, file), 'utf8'))
    const local = importedFiles.map(({ fileName }) => fileName).filter((name) => name.startsWith('.'))
    imports.set(
      file,
      local.map((name) => join(dirname(file), name)),
    )
  }
})

test('no file imports itself, directly or through others', () => {
  const done = new Set<string>()
  const visit = (file: string, path: readonly string[]) => {
    assert.ok(!path.includes(file), `import cycle: ${[...path.slice(path.indexOf(file)), file].join(' -> ')}`)
    if (done.has(file)) return
    for (const imported of imports.get(file) ?? []) visit(imported, [...path, file])
    done.add(file)
  }
  assert.ok(imports.size > 100)
  for (const file of imports.keys()) visit(file, [])
})

const folderOf = (file: string) => (file.startsWith('src/') ? (/^src\/(\w+)\//.exec(file)?.[1] ?? 'root') : file)

// The rings of src/README.md: what each folder may import from, besides itself and the files directly in src/.
const allowed: Readonly<Record<string, readonly string[]>> = {
  scaling: [],
  webhook: [],
  azure: ['scaling'],
  citus: ['scaling', 'azure'],
  cluster: ['scaling', 'azure', 'citus'],
  functions: ['scaling', 'webhook', 'citus', 'cluster'],
}

test('deployed code imports only inward: pure folders no adapter, and none the stand-ins or the simulation', () => {
  for (const [folder, others] of Object.entries(allowed))
    for (const [file, imported] of imports)
      if (file.startsWith(`src/${folder}/`))
        for (const other of imported.filter((path) => path.endsWith('.ts')))
          assert.ok([folder, 'root', ...others].includes(folderOf(other)), `${file} imports ${other}`)
})
