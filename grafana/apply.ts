import { run } from './apply/run.ts'

// Prints to the terminal. The exit code is 0 if nothing failed and nothing is wrong.
if (!(await run(process.argv.slice(2), process.env, console.log))) process.exitCode = 1
