import { readFileSync } from 'node:fs'
import * as z from 'zod'

/** The scripts of package.json. */
export const { scripts } = z
  .object({ scripts: z.record(z.string(), z.string()) })
  .parse(JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')))
