import { parseArgs } from 'node:util'
import * as z from 'zod'
import { overPercent } from './world-facts.ts'

const wholeNumber = (least: number) =>
  z
    .string()
    .regex(/^\d{1,9}$/, { error: 'must be a whole number' })
    .transform(Number)
    .refine((number) => number >= least, { error: `must be ${least} at least` })

const argumentsSchema = z.object({
  load: z.string().optional(),
  'queries-per-worker': z.coerce
    .number({ error: 'must be a number' })
    .positive({ error: 'must be above 0' })
    .optional(),
  workers: wholeNumber(1).optional(),
  seed: wholeNumber(0).default(1),
  seeds: z
    .string()
    .regex(/^\d{1,9}-\d{1,9}$/, { error: 'must be two whole numbers such as 101-112' })
    .transform((text) => text.split('-').map(Number))
    .pipe(z.tuple([z.number(), z.number()]))
    .refine(([first, last]) => first <= last, { error: 'must go upwards' })
    .optional(),
  months: wholeNumber(1).optional(),
  over: wholeNumber(1).optional(),
  plot: z.string().optional(),
  json: z.boolean().default(false),
  help: z.boolean().default(false),
})

/** The arguments of the command. */
export type Arguments = z.infer<typeof argumentsSchema>

/** The built-in load that is plotted when none is named. */
export const drawnLoad = 'weeks'

export const usage = `npm run simulate -- [options]      a month of load in virtual time, under this project's policy and others
  --load NAME|FILE.csv    one load only: a built-in one, or your own (a time and a total CPU in percent-workers in each row)
  --queries-per-worker N  the file holds queries per second, of which N keep one worker busy
  --workers N             workers at the start (4; for a file, as many as its first hour needs)
  --seed N                another seed gives another month (1)
  --seeds A-B             instead: all loads with each of these seeds, and only what the policies come to in all of them together
  --months N              instead: N seeded months in which much goes wrong; exit code 1 if a growth of ours broke one of its rules
  --over N                count the minutes above N % of CPU (${overPercent})
  --plot FILE.svg         a picture of one load (the one named, else that of ${drawnLoad})
  --json                  figures for a program: npm run --silent simulate -- --json
Settings are the app's own, from the environment: SCALE_OUT_TARGET_CPU_PERCENT=70 npm run simulate`

/** Throws with the mistake and the usage. */
export function readArguments(argv: readonly string[]): Arguments {
  const text = { type: 'string' } as const
  const flag = { type: 'boolean' } as const
  const { values } = parseArgs({
    args: [...argv],
    options: {
      load: text,
      'queries-per-worker': text,
      workers: text,
      seed: text,
      seeds: text,
      months: text,
      over: text,
      plot: text,
      json: flag,
      help: { ...flag, short: 'h' },
    },
  })
  const read = argumentsSchema.safeParse(values)
  if (!read.success)
    throw new Error(read.error.issues.map(({ path, message }) => `--${String(path[0])} ${message}`).join('; '))
  const { plot, load, seeds, months, over } = read.data
  if (months !== undefined && [plot, load, over].some((option) => option !== undefined))
    throw new Error('--months runs the built-in loads and draws nothing: leave out --load, --over and --plot')
  if (seeds !== undefined && [plot, load, months].some((option) => option !== undefined))
    throw new Error('--seeds runs the built-in loads and draws nothing: leave out --load, --months and --plot')
  if (read.data['queries-per-worker'] !== undefined && load === undefined)
    throw new Error('--queries-per-worker says how to read a file: name it with --load')
  return read.data
}
