import { run } from './apply/run.ts'

// Prints to the terminal; the exit code is 0 when everything is as it should be, or would be.
if (!(await run(process.argv.slice(2), process.env, console.log))) process.exitCode = 1
