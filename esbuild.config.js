import { rm } from 'node:fs/promises'
import { build } from 'esbuild'

const [outdir = 'dist'] = process.argv.slice(2)
await rm(outdir, { recursive: true, force: true })

// What is imported on demand (ARM's SDK, the identity, the driver) becomes a file of its own beside main.js: as one file the bundle
// took twice as long to load, all of it being read and compiled before the first answer.
await build({
  entryPoints: ['src/main.ts'],
  outdir,
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node22',
  minify: true,
  legalComments: 'none',
  // The runtime brings it.
  external: ['@azure/functions-core'],
  // The CommonJS packages in the bundle require Node's own modules.
  banner: { js: "import{createRequire}from'node:module';const require=createRequire(import.meta.url);" },
  logLevel: 'warning',
})
