import { rm } from 'node:fs/promises'
import { basename } from 'node:path'
import { build } from 'esbuild'

const [outdir = 'dist'] = process.argv.slice(2)
await rm(outdir, { recursive: true, force: true })

// What is imported on demand becomes a file of its own: each kilobyte that is read and compiled before the first answer puts that off.
const onDemand = {
  'arm-resources': '@azure/arm-resources',
  identity: '@azure/identity',
  connect: './src/citus/connect.ts',
}

const options = {
  outdir,
  outExtension: { '.js': '.cjs' },
  bundle: true,
  // Azure's worker requires CommonJS, which takes less time than its import of ES modules. esbuild splits ES modules only, hence two builds.
  format: 'cjs',
  platform: 'node',
  target: 'node22',
  supported: { 'dynamic-import': false },
  minify: true,
  legalComments: 'none',
  logLevel: 'warning',
}

const fromFilesOfTheirOwn = {
  name: 'from files of their own',
  setup({ onResolve }) {
    for (const [file, entry] of Object.entries(onDemand))
      onResolve({ filter: new RegExp(`/${basename(entry)}$`) }, ({ kind }) =>
        kind === 'dynamic-import' ? { path: `./${file}.cjs`, external: true } : undefined,
      )
  },
}

await build({ ...options, entryPoints: onDemand })
await build({
  ...options,
  entryPoints: ['src/main.ts'],
  plugins: [fromFilesOfTheirOwn],
  // The runtime brings it.
  external: ['@azure/functions-core'],
})
