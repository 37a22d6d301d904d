import { runCommand } from './run-command.ts'

runCommand(process.argv.slice(2), process.env, console).then(
  (exitCode) => {
    process.exitCode = exitCode
  },
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : error)
    process.exitCode = 2
  },
)
